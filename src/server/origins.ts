/** The pages of LangGraph Studio, which may call this server with the token. */
export const STUDIO_ORIGINS = ["https://smith.langchain.com", "https://eu.smith.langchain.com"] as const;

/** The path under which a client gives the token when it can send no header of its own: `/t/TOKEN/threads`. */
export const TOKEN_PATH = "/t/";

/** The link that opens Studio with this server. Studio keeps the base URL, so that each of its requests has the token. */
export function studioLink(server: string, token: string): string {
  const baseUrl = `${server}${TOKEN_PATH}${token}`;
  return `${STUDIO_ORIGINS[0]}/studio/?baseUrl=${encodeURIComponent(baseUrl)}`;
}
