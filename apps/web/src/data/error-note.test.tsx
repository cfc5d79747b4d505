import type { ReportedError } from '@flotilla/protocol'
import { renderToStaticMarkup } from 'react-dom/server'
import { IntlProvider } from 'use-intl'
import { expect, test } from 'vitest'
import { messages } from '../../messages/en/index.ts'
import { ErrorText } from './error-note.tsx'

const used: ReportedError = {
  code: 'ALREADY_EXISTS',
  kind: 'container.nameTaken',
  params: { name: 'käse' },
  message: 'The name käse is taken.',
}

function shown(error: ReportedError, kinds: Record<string, Record<string, string>> = {}): string {
  const errors = { ...messages.errors, kinds }
  return renderToStaticMarkup(
    <IntlProvider locale="en" timeZone="UTC" messages={{ ...messages, errors }}>
      <ErrorText error={error} />
    </IntlProvider>,
  )
}

test('an error is the sentence that came with it where the language has none of its own', () => {
  expect(shown(used)).toBe('The name käse is taken.')
  expect(shown({ ...used, kind: undefined })).toBe('The name käse is taken.')
})

test('an error is the sentence of its kind in the language of the reader', () => {
  const kinds = { container: { nameTaken: 'Der Name {name} ist vergeben.' } }
  expect(shown(used, kinds)).toBe('Der Name käse ist vergeben.')
})
