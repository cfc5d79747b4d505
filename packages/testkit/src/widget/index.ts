export { createWidgetEngine } from './widget-engine.ts'
export { nounsWithWidget, type Widget, widgetNoun } from './widget-noun.ts'
