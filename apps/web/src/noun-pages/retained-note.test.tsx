import { fail, type Retained } from '@flotilla/protocol'
import { renderToStaticMarkup } from 'react-dom/server'
import { IntlProvider } from 'use-intl'
import { expect, test } from 'vitest'
import { messages } from '../../messages/en/index.ts'
import { RetainedNote } from './retained-note.tsx'

const shown = (retained: readonly Retained[]) =>
  renderToStaticMarkup(
    <IntlProvider locale="en" timeZone="UTC" messages={messages}>
      <RetainedNote retained={retained} nameOf={(id) => `name of ${id}`} />
    </IntlProvider>,
  )

test('what a prune left is told with its error, and by an older agent with its sentence', () => {
  const error = fail('volume.busy', { name: 'data' }).reported()
  const text = shown([
    { id: 'a', error },
    { id: 'b', reason: 'It is in use.' },
  ])
  for (const word of ['name of a', error.message, 'name of b', 'It is in use.']) expect(text).toContain(word)
})

test('nothing is said where nothing was left', () => {
  expect(shown([])).toBe('')
})
