import tseslint from 'typescript-eslint'

/** Typed rules that catch what types alone do not. Formatting is biome's. */
export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/out/',
      '**/.next/',
      '**/generated/',
      '**/next-env.d.ts',
      'apps/**/*.mjs',
      'playwright/**/*.mjs',
      '*.js',
      '*.cjs',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx', 'infra/**/*.mjs', 'packages/**/*.mjs'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
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
      'max-lines': ['error', { max: 500, skipBlankLines: false, skipComments: false }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Casts in JSDoc comments are not seen by these two; the compiler checks them.
    files: ['infra/**/*.mjs', 'packages/**/*.mjs'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-return': 'off' },
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
