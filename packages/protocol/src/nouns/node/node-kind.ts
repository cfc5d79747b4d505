/** By which other nouns name it. */
export const nodeKind = 'node'
