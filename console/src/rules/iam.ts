/** The server's rules for identities, as they are said in `crates/api/src/iam`. */

const KINDS = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/];

/** 8 to 32 characters of at least two kinds; that it has not the user's name in it is left to the server. */
export const isPassword = (text: string) => {
  const count = [...text].length;
  return count >= 8 && count <= 32 && KINDS.filter((kind) => kind.test(text)).length >= 2;
};

/** An action of a policy: three parts, with wildcards. */
export const isAction = (text: string) => /^[\w*-]+:[\w*-]+:[\w*-]+$/.test(text);
