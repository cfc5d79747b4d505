import './node-version.mjs'
import process from 'process'

void import('./start-agent.mjs').then(({ main }) => main(process.argv.slice(2)))
