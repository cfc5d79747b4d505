export { createNoteEngine } from './note-engine.ts'
export { mostNotes, type Note, noteNoun, nounsWithNote } from './note-noun.ts'
