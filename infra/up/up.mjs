import './node-version.mjs'
import process from 'process'

void import('./start.mjs').then(({ main }) => main(process.argv.slice(2)))
