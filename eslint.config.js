import { readdirSync, readFileSync } from 'node:fs'
import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** Where a function may be longer than 80 lines, and why. */
const longFunctions = [
  {
    why: 'A block of tests is as long as its tests are many.',
    files: ['**/*.test.{ts,tsx}', '**/*.spec.ts', 'packages/testkit/src/contract/{exec,life}.ts'],
  },
  {
    why: 'One closure over what its small inner functions share: a start that must end all of it, or a table of handlers.',
    files: [
      'apps/control-plane/src/control-plane.ts',
      'infra/spine/contract-host.ts',
      'packages/engine-oci/src/{create-oci-engine,images/create-image-store,network/networks}.ts',
      'packages/link/src/testing/service.ts',
      'packages/testkit/src/{fake/engine,lab/platform,shell/parse}.ts',
    ],
  },
  {
    why: 'One list of columns, or one view whose parts share its state.',
    files: [
      'apps/web/src/features/containers/{container-columns,logs/log-rows}.tsx',
      'apps/web/src/features/hosts/host-columns.tsx',
      'apps/web/src/features/images/image-columns.tsx',
      'apps/web/src/features/operations/activity-tray.tsx',
      'apps/web/src/features/setup/setup-page.tsx',
    ],
  },
]

const nouns = new URL('packages/protocol/src/nouns/', import.meta.url)
const definitions = readdirSync(nouns, { recursive: true })
  .filter((name) => name.endsWith('-noun.ts'))
  .map((name) => readFileSync(new URL(name, nouns), 'utf8'))
const valuesOf = (field) =>
  definitions.flatMap((text) => new RegExp(`^ {2}${field}: '(\\w+)'`, 'm').exec(text)?.[1] ?? [])
const plurals = valuesOf('plural')
const kind = `/^(${valuesOf('kind').join('|')})$/`
const method = `/^(${plurals.join('|')})[.][a-z]\\w*$/i`
const derive = 'What is so of one noun or method is a fact that the noun states; ask the fact.'

/** A kind or a method is compared with no literal, keys no map and stands in no list, outside a noun's own files. */
const values = [method, kind].flatMap((one) => [`Literal[value=${one}]`, `TemplateElement[value.cooked=${one}]`])
const isPart = (one) => (one.startsWith('Template') ? `TemplateLiteral[expressions.length=0] > ${one}` : one)
const kindKey = `Property:matches([key.name=${kind}], [key.value=${kind}])`
const lists = [
  'NewExpression[callee.name=/^(Set|Map)$/] > ArrayExpression >',
  'NewExpression[callee.name="Map"] > ArrayExpression > ArrayExpression >',
  'CallExpression[callee.property.name=/^(includes|indexOf|some|find)$/] > MemberExpression.callee > ArrayExpression.object >',
]
const nounLiterals = [
  ...['BinaryExpression[operator=/^[!=]==?$/] >', 'SwitchCase >', ...lists].flatMap((place) =>
    values.map((one) => ({ selector: `${place} ${isPart(one)}`, message: derive })),
  ),
  { selector: `Property > Literal.key[value=${method}]`, message: derive },
  // One such field is an ordinary name; two are a map by kinds.
  { selector: `ObjectExpression > ${kindKey} ~ ${kindKey}`, message: derive },
  {
    selector: `CallExpression[callee.property.name="startsWith"] > Literal[value=/^(${plurals.join('|')})[.]/]`,
    message: derive,
  },
]

/** Where a noun is at home, and what speaks the first protocol, which knew two nouns by name. */
const nounsOwnFiles = [
  'packages/protocol/src/nouns/**',
  'packages/protocol/src/engine-methods.ts',
  'packages/engine-*/**',
  'packages/testkit/**',
  // Entries of archives and folders are files too.
  'packages/{files,oci}/**',
  'packages/api/src/fleet/first-form.ts',
  'apps/agent/src/watch/first-form.ts',
  `apps/web/src/features/{${plurals.join(',')},run}/**`,
  '**/*.test.ts',
  'infra/**',
  'playwright/**',
]

/** Words that only we would understand: desired, reported, retained, route and used or applied are those of the field. */
const dialect =
  /^(?!(?:.*[a-z0-9_])?(?:Wish|Told|Kept|Door)(?:es|ed|s)?(?![a-z])|_?(?:wish|told|kept|door|taken)(?:es|ed|s)?(?![a-z])).*$/

/** An error is made of a kind of the catalog, so that its sentence can be told in any language and names its field. */
const freeErrors = [
  {
    selector: 'NewExpression[callee.name="FlotillaError"], ClassDeclaration[superClass.name="FlotillaError"]',
    message: 'Make it with `fail`, from a kind in packages/protocol/src/errors.',
  },
]

const callOf = (name) => `CallExpression[callee.object.name="AbortSignal"][callee.property.name="${name}"]`

/** Node 20 forgets a timeout that nothing else holds, and the deadline never comes. */
const lostDeadlines = [
  {
    selector: `${callOf('any')} ${callOf('timeout')}`,
    message: 'Use `withDeadline` of @flotilla/async.',
  },
]

/** Where errors are made of a bare sentence: the class and the link, which read those of others, and what no person is shown. */
const freeErrorFiles = [
  'packages/protocol/src/errors/{fail,flotilla-error}.ts',
  'packages/link/src/trailers.ts',
  '**/testing/**',
  'packages/testkit/**',
  '**/*.test.ts',
  'infra/**',
  'playwright/**',
]

/** What can be said of the text alone. Rules that ask types are oxlint's (.oxlintrc.json), formatting is biome's. */
export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/out/',
      '**/.next/',
      '**/generated/',
      '**/next-env.d.ts',
      '*.js',
      '*.cjs',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': 'error',
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'child_process', message: 'Use @flotilla/host.' },
            { name: 'node:child_process', message: 'Use @flotilla/host.' },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in env.ts only.' },
      ],
      'no-restricted-syntax': ['error', ...nounLiterals, ...freeErrors, ...lostDeadlines],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 5 }],
      'max-lines': ['error', { max: 500, skipBlankLines: false, skipComments: false }],
      'id-match': ['error', dialect.source, { properties: true, classFields: true }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['apps/web/**/*.{ts,tsx}', 'packages/ui/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: { 'react-hooks/rules-of-hooks': 'error' },
  },
  {
    files: longFunctions.flatMap(({ files }) => files),
    rules: { 'max-lines-per-function': 'off' },
  },
  { files: nounsOwnFiles, rules: { 'no-restricted-syntax': ['error', ...freeErrors, ...lostDeadlines] } },
  { files: freeErrorFiles, rules: { 'no-restricted-syntax': ['error', ...nounLiterals, ...lostDeadlines] } },
  {
    // Those of both lists.
    files: nounsOwnFiles.flatMap((own) => freeErrorFiles.map((free) => [own, free])),
    rules: { 'no-restricted-syntax': ['error', ...lostDeadlines] },
  },
  { files: ['packages/{host,images,launch,testkit}/**', 'infra/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: [
      '**/env.ts',
      '**/*.test.ts',
      'apps/agent/src/testing/**',
      'infra/**',
      'packages/{images,launch,testkit}/**',
      'playwright/**',
      '**/next.config.ts',
      '**/prisma.config.ts',
      '*.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
)
