import { type Reason, reasonKinds } from '@flotilla/protocol'
import { renderToStaticMarkup } from 'react-dom/server'
import { IntlProvider } from 'use-intl'
import { expect, test } from 'vitest'
import { messages } from '../../messages/en/index.ts'
import { useReasonText } from './reason-text.ts'

function Shown({ sentence, reason }: { sentence: string; reason: Reason | undefined }) {
  return <>{useReasonText()(sentence, reason)}</>
}

function shown(sentence: string, reason?: Reason, more: object = {}): string {
  return renderToStaticMarkup(
    <IntlProvider locale="en" timeZone="UTC" messages={{ ...messages, ...more }}>
      <Shown sentence={sentence} reason={reason} />
    </IntlProvider>,
  )
}

const limit = { kind: 'container.overOwnLimit', params: { mebibytes: 1.5 } }

test('a reason is the text of its kind', () => {
  expect(shown('as it came', limit)).toBe('Killed by its own 1.5 MiB limit of memory.')
  const reasons = { container: { overOwnLimit: 'Über die eigenen {mebibytes} MiB hinaus.' } }
  expect(shown('as it came', limit, { reasons })).toBe('Über die eigenen 1.5 MiB hinaus.')
})

test('a failure that is a reason is the text of the error', () => {
  const errors = { ...messages.errors, kinds: { port: { busy: 'Port {port} ist belegt.' } } }
  expect(shown('as it came', { kind: 'port.busy', params: { port: 80 } }, { errors })).toBe('Port 80 ist belegt.')
})

test('a reason of a newer side, and one that an older side tells without a kind, are the sentence that came', () => {
  expect(shown('as it came', { kind: 'container.newer' })).toBe('as it came')
  expect(shown('as it came')).toBe('as it came')
})

test('each kind of the catalog has a text, the one that the API tells', () => {
  const texts = Object.entries(messages.reasons).flatMap(([area, kinds]) =>
    Object.entries(kinds).map(([name, text]) => [`${area}.${name}`, text]),
  )
  expect(Object.fromEntries(texts)).toEqual(reasonKinds)
})
