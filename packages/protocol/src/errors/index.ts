export { ErrorCode, errorTable } from './error-code.ts'
export {
  ErrorFacts,
  ErrorInfo,
  type ErrorField,
  type ErrorObject,
  type ErrorParams,
  namedContainers,
  ReportedError,
  Retained,
} from './error-info.ts'
export { FlotillaError } from './flotilla-error.ts'
export { type ErrorKind, type ErrorParamsOf, errorKinds, findErrorKind } from './catalog.ts'
export { describeIssues, fail, toFlotillaError, withField } from './fail.ts'
export { inputErrors } from './input-errors.ts'
export { rule } from './rule.ts'
export { boundedField, nameOf } from './input-issue.ts'
export { sentenceOf } from './define-errors.ts'
