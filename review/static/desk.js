// The desk works without this script; it makes pages faster.
"use strict";

// The page of a job: how far it is, as the server says it.
for (const place of document.querySelectorAll("[data-job]")) {
  const events = new EventSource(place.dataset.job);
  events.onmessage = (event) => {
    const job = JSON.parse(event.data);
    if (job.ended) {
      events.close();
      location.reload();
      return;
    }
    place.querySelector("[data-stage]").textContent = job.stage || "starting";
    const bar = place.querySelector("progress");
    if (job.total > 0) {
      bar.max = job.total;
      bar.value = job.done;
    } else {
      bar.removeAttribute("value");
    }
  };
}
