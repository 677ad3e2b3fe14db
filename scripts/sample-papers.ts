// Invented papers of a business trip, for showing Paperlift: drawn by a browser, then aged by sharp.
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';

interface Paper {
  fileName: string;
  kind: 'receipt' | 'letter';
  html: string;
  /** Degrees clockwise under the camera. */
  tilt: number;
}

const row = (left: string, right: string) => `<p class="row"><span>${left}</span><span>${right}</span></p>`;
const rule = '<hr>';

export const papers: Paper[] = [
  {
    fileName: 'hotel.jpg',
    kind: 'letter',
    tilt: 0,
    html: `<h1>Harbour View Hotel</h1><p>12 Quay Street, Port Amber</p><p>VAT number PA 4471 9902</p>
      <h2>Invoice 2026-0518</h2><p>Guest: Alice Archer, Example Company</p><p>Arrival 18 May 2026, departure 21 May 2026</p>
      ${rule}${row('Three nights, room 407', '387.00')}${row('Breakfast, three days', '42.00')}${row('City tax', '9.00')}
      ${rule}${row('<b>Total in euros</b>', '<b>438.00</b>')}${row('of which VAT 6 %', '24.79')}
      <p class="gap">Paid by card on 21 May 2026.</p><p>Thank you for staying with us. We look forward to your next visit to Port Amber.</p>
      <p class="gap">Reservations: +00 21 555 0140</p>`,
  },
  {
    fileName: 'dinner.jpg',
    kind: 'receipt',
    tilt: 0.8,
    html: `<h1>THE OLD PIER</h1><p class="mid">Fish and Grill</p><p class="mid">3 Market Square, Port Amber</p>
      <p class="row gap"><span>Table 14</span><span>18 May 20:41</span></p>${rule}
      ${row('2 Soup of the day', '11.00')}${row('1 Grilled sea bass', '18.50')}<p class="row"><span>1 Mushroom <span class="scratched">risotto</span></span><span class="scratched">14.00</span></p>
      ${row('2 Mineral water', '5.60')}${row('2 Coffee', '4.40')}${rule}
      ${row('<b>TOTAL EUR</b>', '<b>53.50</b>')}${row('Service included', '4.86')}${row('Card **** 2207', '53.50')}
      <p class="mid gap">You were served by Jonas</p><p class="mid">Thank you and good night</p>`,
  },
  {
    fileName: 'taxi.jpg',
    kind: 'receipt',
    tilt: -1.2,
    html: `<h1>CITY TAXI</h1><p class="mid">Licence 2281</p><p class="row gap"><span>19 May 2026</span><span>08:12</span></p>${rule}
      ${row('From', 'Quay Street')}${row('To', 'Exhibition Hall')}${row('Distance', '7.4 km')}${rule}
      ${row('Fare', '14.20')}${row('Luggage', '1.60')}<p class="row faint"><span>Night surcharge</span><span>0.00</span></p>
      ${row('<b>PAID EUR</b>', '<b>15.80</b>')}<p class="mid gap">Have a pleasant day</p>`,
  },
  {
    fileName: 'stationery.jpg',
    kind: 'receipt',
    tilt: 0.4,
    html: `<h1>PENCIL &amp; PAPER</h1><p class="mid">Everything for the desk</p><p class="mid">44 Station Road, Port Amber</p>
      <p class="row gap"><span>Receipt 90417</span><span>19 May 2026</span></p>${rule}
      ${row('Notebook A5, ruled', '6.90')}${row('Gel pen, black x 3', '5.40')}${row('Poster tube', '8.20')}
      <p class="row faint"><span>Sticky notes, yellow</span><span>3.10</span></p>${row('Envelopes, 25', '4.75')}${rule}
      ${row('<b>Total</b>', '<b>28.35</b>')}${row('Cash', '30.00')}${row('Change', '1.65')}
      <p class="smudge gap">Exchange within 14 days</p><p class="mid">Open daily from 9 to 19</p>`,
  },
  {
    fileName: 'confirmation.jpg',
    kind: 'letter',
    tilt: 0,
    html: `<h1>Port Amber Exhibition Centre</h1><p>Exhibitor Services</p>
      <p class="gap">Example Company</p><p>Attention of Alice Archer</p><p class="gap">20 May 2026</p>
      <h2>Your stand at the autumn fair</h2><p>Dear Ms Archer,</p>
      <p>Thank you for visiting us this week. We are glad to confirm stand B 214 in hall 2, with an area of twelve square metres,
      from 6 to 9 October 2026. The stand comes with a table, four chairs, power and a lockable cabinet.</p>
      <p>Please send us the names of your staff by 15 September, so that their badges are ready when they arrive.</p>
      <p class="gap">With kind regards,</p><p>Martin Holm</p><p>Head of Exhibitor Services</p>`,
  },
  {
    fileName: 'parking.jpg',
    kind: 'receipt',
    tilt: 1.5,
    html: `<h1>PARK &amp; RIDE</h1><p class="mid">Airport North, level 3</p>${rule}
      ${row('In', '18 May 05:52')}${row('Out', '21 May 19:07')}${row('Duration', '3 d 13 h 15 min')}${rule}
      ${row('<b>Amount EUR</b>', '<b>46.00</b>')}<p class="faint">Ticket 00731 884 205</p>
      <p class="mid gap">Keep this receipt</p>`,
  },
  {
    fileName: 'train.jpg',
    kind: 'receipt',
    tilt: -0.7,
    html: `<h1>COAST RAILWAY</h1><p class="mid">Single ticket, second class</p>${rule}
      ${row('From', 'Port Amber')}${row('To', 'Airport North')}${row('Valid on', '21 May 2026')}${row('Train', 'CR 118, 17:24')}
      ${row('Coach, seat', '4, 32')}${rule}${row('<b>Price EUR</b>', '<b>12.40</b>')}
      <p class="faint">Not transferable</p><p class="mid gap">Keep until the end of the journey</p>`,
  },
  {
    fileName: 'print shop.jpg',
    kind: 'letter',
    tilt: 0.5,
    html: `<h1>Quick Print, Dockside</h1><p>8 Rope Walk, Port Amber</p><h2>Invoice 7730</h2><p>20 May 2026</p>
      <p>Example Company, attention of Alice Archer</p>${rule}${row('Flyers A5, both sides, 500', '84.00')}
      ${row('Business cards, 200', '36.50')}${row('Poster A1, laminated, 2', '58.00')}${row('Express, same day', '20.00')}
      ${rule}${row('<b>Total in euros</b>', '<b>198.50</b>')}<p class="gap">Payable within 14 days. Please give the number of the invoice.</p>`,
  },
];

const styles = `
  body { margin: 0; color: #26241f }
  .receipt, .letter { background: linear-gradient(135deg, #fdfcf8 55%, #dedacf) }
  p { margin: 0 } h1, h2 { margin: 0; font-weight: 700 } hr { border: 0; border-top: 2px dashed #77736a; margin: 10px 0 }
  .row { display: flex; justify-content: space-between } .gap { margin-top: 18px }
  .receipt { width: 340px; padding: 34px 30px 46px; font: 17px/1.55 'DejaVu Sans Mono', monospace }
  .receipt h1, .mid { text-align: center } .receipt h1 { font-size: 24px }
  .letter { width: 600px; height: 870px; padding: 60px 70px; box-sizing: border-box; font: 17px/1.6 'DejaVu Serif', serif }
  .letter h1 { font-size: 24px } .letter h2 { font-size: 20px; margin: 30px 0 8px } .letter p + p { margin-top: 6px }
  .faint { color: #c4c0b5; filter: blur(1.1px) } .smudge { color: #8d897f; filter: blur(2px) }
  .scratched { text-decoration: line-through wavy 2px #26241f }`;

/** The paper as scanned or photographed: a JPEG, slightly uneven and soft. */
export async function photograph(page: Page, paper: Paper): Promise<Buffer> {
  await page.setContent(`<style>${styles}</style><div class="${paper.kind}">${paper.html}</div>`);
  const sheet = await page.$(`.${paper.kind}`);
  const drawn = await sheet?.screenshot({ type: 'png' });
  const soft = await sharp(drawn).blur(0.6).png().toBuffer();
  return sharp(soft).rotate(paper.tilt, { background: '#cfcbc1' }).jpeg({ quality: 86 }).toBuffer();
}
