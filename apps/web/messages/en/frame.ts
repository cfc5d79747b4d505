import common from './common.json'
import units from './units.json'
import errors from './errors.json'
import reasons from './reasons.json'
import frame from './frame.json'
import places from './places.json'
import account from './account.json'
import roles from './roles.json'
import keys from './keys.json'
import palette from './palette.json'
import live from './live.json'
import table from './table.json'
import states from './states.json'
import permissions from './permissions.json'
import operations from './operations.json'
import hosts from './hosts.json'
import containers from './containers.json'
import notFound from './not-found.json'
import * as nouns from './nouns.ts'

type NounTexts = (typeof nouns)[keyof typeof nouns]

/** One of the texts of every noun, by the noun's name. */
function ofEach(text: 'one' | 'all' | 'begin') {
  const texts = Object.entries<NounTexts>(nouns).map(([name, each]) => [name, each[text]])
  return Object.fromEntries(texts) as { [Name in keyof typeof nouns]: string }
}

type Words<Word> = Record<string, Record<string, Word>>

/** What the nouns say of their own methods or kinds, in one. */
const ofAll = <Word>(text: 'methods' | 'many' | 'actions') =>
  Object.assign({}, ...Object.values<NounTexts>(nouns).map((each) => each[text])) as Words<Word>

/** The texts that every page has at hand; the long ones of single pages are added there. */
export const frameMessages = {
  common,
  units,
  errors,
  reasons,
  frame,
  places: { ...places, ...ofEach('all') },
  account,
  roles,
  keys,
  palette: { ...palette, kinds: ofEach('one'), begin: ofEach('begin') },
  live,
  table,
  states,
  permissions,
  operations: {
    ...operations,
    methods: ofAll<string>('methods'),
    /** Changes of many, by what is done. */
    many: ofAll<{ what: string; doing: string; done: string }>('many'),
    /** What came of a change, by the kind of its object. */
    actions: ofAll<string>('actions'),
  },
  hosts,
  containers,
  notFound,
}
