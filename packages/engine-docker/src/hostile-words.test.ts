import { expectLinear } from '@flotilla/testkit/linear'
import { it } from 'vitest'
import { refusedPlace } from './containers/port-holder.ts'
import { withoutNames } from './named-objects.ts'

it.each(['(name:', ' ', 'endpoint ', '1a', ':', '1.', '[f:'])(
  'the words of a daemon of many %j are read at once',
  (piece) => {
    expectLinear(piece, withoutNames)
    expectLinear(piece, refusedPlace)
  },
)
