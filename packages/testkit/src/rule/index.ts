export { nounsWithRule, type Rule, ruleNoun } from './rule-noun.ts'
export { ruleServices } from './rule-services.ts'
