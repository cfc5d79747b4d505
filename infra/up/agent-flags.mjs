/**
 * How Node runs the agent. What it does is small and often: with V8's usual 16 MB for young objects it keeps some 20 MB of
 * memory that it needs for a moment at its start.
 */
export const agentFlags = ['--max-semi-space-size=1']
