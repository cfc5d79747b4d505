import { expectLinear } from '@flotilla/testkit/linear'
import { it } from 'vitest'
import { parseProcess, parseStatus } from './process.ts'

it.each(['\0', '\0 ', ' ', 'a\n', 'a:\t'])('what a process says of itself of many %j is read at once', (piece) => {
  expectLinear(piece, (text) => parseProcess(1, parseStatus(text), `${text}.`))
})
