// Calls that are going on: the list is asked for anew while somebody looks at it.
"use strict";
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
function tidy() {
  for (const each of document.querySelectorAll("[data-since]")) each.textContent = clock(Number(each.dataset.since));
}
async function renew(place) {
  if (document.hidden) return;
  const answer = await fetch(place.dataset.live, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  place.innerHTML = await answer.text(); // our own page, escaped there
  tidy();
}
tidy();
for (const place of document.querySelectorAll("[data-live]")) setInterval(() => renew(place), 1500);
