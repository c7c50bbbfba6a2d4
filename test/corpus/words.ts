import type { Random } from './random.ts';

const WORDS =
  `account address amount answer apple approve april archive arrive august autumn basket before billing blue bridge
  budget build cancel carton change charge check client coffee colour complaint confirm contract copper corner country
  courier credit current customer daily damage deliver deposit desk detail discount dispatch document double draft
  early east empty engine enter error estimate evening every exchange export factory failed family february fifteen
  final finance first floor forward fragile freight friday garden general german glass green harbour height hello
  holiday hotel hour house hundred import inbox increase invoice issue item january journal july june kitchen label
  ladder large later ledger letter limit listing london lunch machine manager manual march market material meeting
  member message metal middle minute missing monday money month morning mountain move museum music narrow network
  north notice november number october offer office onboard order oslo owner packet paint paper parcel partner paris
  payment pencil pending people percent phone pickup plastic please policy postcode present price printer private
  process product profit project promise public purchase quality quantity quarter question quick quiet railway receipt
  record refund region reject release reminder renewal repair reply report request return review ribbon river roof
  round sample saturday schedule season second secret september server service settle seven shelf ship shop short
  signature silver simple small south spring staff stock storage street student summer sunday supplier support table
  tariff team tender terms thank thousand thursday ticket timber today tomorrow track trade transfer travel tuesday
  update urgent valid vehicle vendor vienna village visit volume voucher wait warehouse warranty water wednesday week
  weight welcome west window winter wood working yellow yesterday young zurich`.split(/\s+/);

/** Names for apps: two words. */
export function nameOf(n: number): string {
  const first = WORDS[(n * 37) % WORDS.length]!;
  const second = WORDS[(n * 101 + 53) % WORDS.length]!;
  return `${first[0]!.toUpperCase()}${first.slice(1)} ${second} ${n}`;
}

/** Words as a person would send them, of about this many characters. */
export function prose(random: Random, characters: number): string {
  let text = random.pick(WORDS);
  while (text.length < characters) text += ` ${random.pick(WORDS)}`;
  return text;
}
