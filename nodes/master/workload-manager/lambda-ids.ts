/**
 * The ids that the workload manager gives to the lambdas (paper section 4.2: unique ones, shared with the gateway and
 * compiled into the match stage): 1, 2, 3 ... in the order given. 0 is what a client sends that names a function.
 */
export function assignLambdaIds(program: {
  readonly lambdas: readonly { readonly name: string }[];
}): Record<string, number> {
  return Object.fromEntries(program.lambdas.map((lambda, index) => [lambda.name, index + 1]));
}
