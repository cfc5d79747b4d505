import type { z } from 'zod'
import type { ErrorField, ErrorParams } from './error-info.ts'
import { type ErrorKind, findErrorKind } from './catalog.ts'

/** What an issue of an input is, in the product's words: a kind of error, its parameters, and the path to the field. */
export interface InputIssue {
  kind: ErrorKind
  params: ErrorParams
  field: ErrorField
}

type Issue = z.core.$ZodIssue
type Said = [kind: ErrorKind, params?: ErrorParams]

const mostValues = 30

/** An issue as the validation library found it; a rule that a shape stated by itself is named by its message. */
export function inputIssue(issue: Issue): InputIssue {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : []
  const field = unknown === undefined ? path : [...path, unknown]
  const [kind, params = {}] = findErrorKind(issue.message) !== undefined ? ruleOf(issue) : saidOf(issue)
  return { kind, params: { field: nameOf(field), ...params }, field: boundedField(field) }
}

const [mostParts, mostOfPart] = [16, 1000]

/** The path to a field as far as a failure tells it: its parts may be names that somebody made up. */
export function boundedField(field: ErrorField): ErrorField {
  return field.slice(0, mostParts).map((part) => (typeof part === 'string' ? part.slice(0, mostOfPart) : part))
}

/** A field as a sentence names it. */
export function nameOf(field: ErrorField): string {
  return field.length === 0 ? 'input' : field.join('.').slice(0, 1000)
}

function ruleOf(issue: Issue): Said {
  const params = issue.code === 'custom' ? (issue.params as ErrorParams | undefined) : undefined
  return [issue.message as ErrorKind, params]
}

function saidOf(issue: Issue): Said {
  switch (issue.code) {
    case 'invalid_type':
      return isMissing(issue) ? ['input.missing'] : ['input.wrongType', { expected: issue.expected }]
    case 'too_small':
      return sizeOf(issue, 'least', Number(issue.minimum))
    case 'too_big':
      return sizeOf(issue, 'most', Number(issue.maximum))
    case 'invalid_format':
      return ['input.wrongFormat', { format: formOf(issue) }]
    case 'not_multiple_of':
      return ['input.noMultiple', { step: issue.divisor }]
    case 'unrecognized_keys':
      return ['input.unknownField']
    case 'invalid_value':
      return ['input.notOneOf', { values: issue.values.slice(0, mostValues).map(String).join(', ') }]
    case 'invalid_union':
      return ['input.wrongForms']
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return ['input.refused']
  }
}

/** The library tells a field that is not there from one of another type in its words alone. */
function isMissing({ message }: Issue): boolean {
  return message.endsWith('received undefined')
}

function formOf({ format, pattern }: { format: string; pattern?: string | undefined }): string {
  return format === 'regex' && pattern !== undefined ? pattern.slice(0, 200) : format
}

type Sized = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig
const ofText = { least: 'input.tooShort', most: 'input.tooLong' } as const
const ofEntries = { least: 'input.tooFew', most: 'input.tooMany' } as const
const ofNumber = { least: 'input.tooSmall', most: 'input.tooBig' } as const
const ofOpenEnd = { least: 'input.notAbove', most: 'input.notBelow' } as const

function sizeOf({ origin, inclusive, exact }: Sized, end: 'least' | 'most', limit: number): Said {
  if (origin === 'string') return [ofText[end], { [end]: limit }]
  if (['array', 'set', 'map'].includes(origin)) return [ofEntries[end], { [end]: limit }]
  const isClosed = inclusive !== false || exact === true
  return [(isClosed ? ofNumber : ofOpenEnd)[end], { [end]: limit }]
}
