/** Names of everything in the world; those of advertisers are made of syllables and say nothing about language or topic. */
import { Random } from '../numerics/random.js';
import { purpose } from './chance.js';

const consonants = 'b c d f g h k l m n p r s t v z br dr gr kl pl st tr'.split(' ');
const vowels = 'a e i o u ai ea io'.split(' ');
const endings = ['', '', '', 'n', 'r', 's', 'l', 'x'];

const languageNames = (
  'en es de fr pt it ja nl pl tr ko sv cs da fi el hu ro uk no id vi th he hi bn ta te ms tl sw af sq az be bg ca hr et ' +
  'gl ka is ga kk ky lv lt mk mt mn ne fa sr sk sl so ur uz cy zu'
).split(' ');
const topicNames = (
  'travel sport finance health food fashion games cars music home ' +
  'books science film garden pets family jobs art weather phones'
).split(' ');
const sectionNames = (
  'news business lifestyle culture technology outdoors local weekend ' +
  'opinion style money scene world people ideas review'
).split(' ');

/** Names of the first n languages, most spoken first, n ≤ 60. */
export const namesOfLanguages = (n: number): readonly string[] => languageNames.slice(0, n);

/** Names of the first n topics, n ≤ 20. */
export const namesOfTopics = (n: number): readonly string[] => topicNames.slice(0, n);

/** Names of the first n sections that people read, n ≤ 16. */
export const namesOfSections = (n: number): readonly string[] => sectionNames.slice(0, n);

/** Names of n publishers: `site01` …. */
export const namesOfPublishers = (n: number): readonly string[] =>
  Array.from({ length: n }, (_, i) => `site${String(i + 1).padStart(2, '0')}`);

/**
 * Pronounceable names of n advertisers, all different, ASCII; drawn before and apart from their languages and topics.
 *
 * @returns such as `Velora`, `Kamiro Tun`, `tavio.com`, shape [n]
 */
export function namesOfAdvertisers(n: number, seed: number): readonly string[] {
  const random = new Random(seed, purpose.names);
  const names = new Set<string>();
  while (names.size < n) names.add(drawName(random));
  return [...names];
}

function drawName(random: Random): string {
  const word = drawWord(random);
  const form = random.below(10);
  if (form < 6) return capitalize(word);
  if (form < 9) return `${word}.com`;
  return `${capitalize(word)} ${capitalize(drawWord(random))}`;
}

function drawWord(random: Random): string {
  const length = 2 + random.below(2);
  let word = '';
  for (let i = 0; i < length; i++) word += pick(consonants, random) + pick(vowels, random);
  return word + pick(endings, random);
}

const pick = (items: readonly string[], random: Random): string => items[random.below(items.length)] ?? '';
const capitalize = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
