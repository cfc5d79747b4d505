import { expect, test } from 'vitest'
import { isScreenAnswer } from './screen-answers.ts'

test('tells what a screen says by itself from what is typed', () => {
  for (const answer of [
    '\x1b[?1;2c',
    '\x1b[24;80R',
    '\x1b[0n',
    '\x1b[I',
    '\x1b[?25;1$y',
    '\x1b]11;rgb:0/0/0\x1b\\',
    '\x1b[<0;3;4M',
  ]) {
    expect([answer, isScreenAnswer(answer)]).toEqual([answer, true])
  }
  for (const typed of ['c', 'ls -l\r', '\x1b', '\x1b[A', '\x1b[200~n\x1b[201~', '\x1bc', 'naïve', '\x1b[3~']) {
    expect([typed, isScreenAnswer(typed)]).toEqual([typed, false])
  }
})
