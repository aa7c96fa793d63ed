// Puts each part of the page that changed in its place. The page works without it: it has a link that asks anew.
"use strict";
(() => {
  const page = document.querySelector("[data-live]");
  if (!page || !window.EventSource) return;
  const state = document.getElementById("pulse");
  const says = { live: "Live", away: "Waiting for the gateway" };
  const now = (word) => {
    state.dataset.now = word;
    state.textContent = says[word];
  };
  const source = new EventSource(page.dataset.live);
  source.addEventListener("open", () => now("live"));
  source.addEventListener("error", () => now("away"));
  source.addEventListener("away", () => now("away"));
  source.addEventListener("part", (event) => {
    const part = JSON.parse(event.data);
    const place = document.getElementById("part-" + part.name);
    if (!place) return;
    // What somebody opened to read stays open.
    const open = [...place.querySelectorAll("details")].map((one) => one.open);
    place.innerHTML = part.html; // rendered and escaped by the gateway, by the templates of the page itself
    place.querySelectorAll("details").forEach((one, index) => { one.open = open[index] || false; });
    now("live");
  });
  source.addEventListener("over", () => {
    source.close();
    window.location.reload();
  });
  window.addEventListener("pagehide", () => source.close());
})();
