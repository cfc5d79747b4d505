const message =
  'The clock of the machine can be set. A wait, a deadline or an age goes by `performance.now()`, an end that lets somebody in by `endAfter` and `isValid` of @flotilla/db.'

const notForRecord = ':not(MemberExpression[property.name="toISOString"] > NewExpression):not(Property > NewExpression)'

/**
 * An ESLint rule that refuses to ask what time it is. `new Date().toISOString()` is left: a text for a record or a log, with which
 * nobody counts, and so is `{ usedAt: new Date() }`.
 * @type {import('eslint').Rule.RuleModule}
 */
export const wallClockRule = {
  meta: { type: 'problem', schema: [], messages: { asked: message } },
  create(context) {
    const refuse = (/** @type {import('eslint').Rule.Node} */ node) => context.report({ node, messageId: 'asked' })
    return {
      'MemberExpression[object.name="Date"][property.name="now"]': refuse,
      'MemberExpression[object.name="Date"][property.value="now"]': refuse,
      'CallExpression[callee.name="Date"]': refuse,
      [`NewExpression[callee.name="Date"][arguments.length=0]${notForRecord}`]: refuse,
    }
  },
}
