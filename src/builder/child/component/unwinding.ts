/** The end of a suspending import that has thrown, as jco writes it: the promise it returns is never settled. */
const LEFT_HANGING =
  /(\[Instruction::CallInterface\] error during async call'(?:(?!return task)[\s\S])*)return task\.completionPromise\(\);/g;

/**
 * Lets an error of a suspending import go through the component, as that of any other import does. As jco has it, the
 * component stays suspended for ever, and the engine keeps the memory of whatever is suspended: each request that was
 * ended while its app waited (its visitor had left, say) took an instance of the app with it for good.
 *
 * @param glue text of the module as jco made it, not minified
 */
export function unwindOnError(glue: string): string {
  return glue.replace(LEFT_HANGING, '$1throw err;');
}
