// The desk works without this script; it makes pages faster.
"use strict";
