export { because, becauseOf, knownSentence, type ReasonFields, reasonFields, reasonSentence } from './because.ts'
export { type ReasonKind, findReasonKind, reasonKinds } from './catalog.ts'
export { StoredReason, Reason } from './reason.ts'
