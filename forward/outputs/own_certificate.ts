/** Whether this machine's own certificate can be shown: the runtime ends the whole program over one that cannot. */

/** What is wrong with a certificate and its key, PEM texts; `undefined`: nothing. */
export async function certificateFault(cert: string, key: string): Promise<string | undefined> {
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  let certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return "tls-cert is no certificate in PEM";
  }
  if (!isVersion3(certificate.raw)) {
    return "tls-cert is of version 1 of X.509. Make one of version 3: openssl x509 -req " +
      "-extfile <(echo extendedKeyUsage=clientAuth) ...";
  }
  try {
    const privateKey = createPrivateKey(key);
    return certificate.checkPrivateKey(privateKey)
      ? undefined
      : "tls-key is not the key of tls-cert";
  } catch (error) {
    return `tls-key cannot be used: ${(error as Error).message}`;
  }
}

/** In DER a certificate is a sequence in a sequence, which begins with its version unless that is 1 (RFC 5280, section 4.1). */
function isVersion3(der: Uint8Array): boolean {
  const VERSION_TAG = 0xa0;
  const outer = contentStart(der, 0);
  return der[contentStart(der, outer)] === VERSION_TAG;
}

/** Behind a tag and its length: one byte, or as many more as its low bits say. */
function contentStart(der: Uint8Array, tagAt: number): number {
  const length = der[tagAt + 1];
  return tagAt + 2 + (length > 0x7f ? length & 0x7f : 0);
}
