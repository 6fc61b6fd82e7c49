package worker

import "log/slog"

// silent keeps River from writing to standard output: what matters of a job is logged where it is done.
var silent = slog.New(slog.DiscardHandler)
