/** Says beside the hours whether the shop is open now. */
const OPENS = 7;
const CLOSES = 13;
const MONDAY = 1;

function isOpen(now) {
  return now.getDay() !== MONDAY && now.getHours() >= OPENS && now.getHours() < CLOSES;
}

for (const place of document.querySelectorAll('[data-now]')) {
  const open = isOpen(new Date());
  place.dataset.open = open ? 'yes' : 'no';
  place.textContent = open ? 'Open now, until one' : `Closed now. ${place.textContent}`;
}
