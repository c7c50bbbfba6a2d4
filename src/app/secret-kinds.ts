/** What a secret is (CONTRACTS §11). A `file` is given to apps as a file, every other kind as a text in the environment. */
export const SECRET_KINDS = ['api-key', 'token', 'password', 'webhook-secret', 'file', 'other'] as const;
export type SecretKind = (typeof SECRET_KINDS)[number];
