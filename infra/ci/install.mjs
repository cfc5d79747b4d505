import { installPackages, missingPackages, runtimePackages, testPackages } from '../up/packages.mjs'

// Installs the Debian packages that the tests need and this machine lacks; replaces nothing.
const missing = missingPackages([...Object.keys(runtimePackages), ...Object.keys(testPackages)])
if (missing.length > 0) installPackages(missing, (line) => process.stdout.write(`${line}\n`))
