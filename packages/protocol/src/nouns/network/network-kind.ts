/** By which other nouns name it, and its permissions that methods of theirs take. */
export const networkKind = 'network'
export const networkConnect = 'networks.connect'
