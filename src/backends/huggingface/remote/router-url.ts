/** Inference Providers' own address. */
export const routerUrl = "https://router.huggingface.co";
