import type { Catalog } from '../catalog.ts';

/**
 * Why a certificate, or the path that it hangs on, is not to be trusted. `{subject}` is the certificate that the finding
 * is about; a path has several.
 */
export const certificateCatalog = {
  // The path as a whole.
  'certificate-chain-incomplete': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate of "{issuer}", which issued "{subject}", is neither in the chain nor in the trust store.',
      mend: 'Let the server send the missing intermediate certificate after its own; if the issuer is a root that you know and trust, add it to the trust store.',
    },
    zh: {
      cause: '“{subject}”由“{issuer}”签发，但“{issuer}”的证书既不在证书链中，也不在信任库中。',
      mend: '请让服务器在自己的证书之后附上缺少的中间证书；如果签发者是您认识并信任的根证书，请把它加入信任库。',
    },
  },
  'certificate-untrusted-root': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The path ends at "{subject}", which signed itself and is not in the trust store.',
      mend: 'If you know and trust this root, add it to the trust store; otherwise use a certificate of a trusted CA.',
    },
    zh: {
      cause: '证书路径终止于自签名的“{subject}”，而它不在信任库中。',
      mend: '如果您认识并信任这个根证书，请把它加入信任库；否则请使用受信任 CA 签发的证书。',
    },
  },
  'certificate-work-limit': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'Judging these certificates would take more work than is allowed ({work}: {limit}).',
      mend: 'Send only the certificates of one path; no honest chain comes near this limit.',
    },
    zh: {
      cause: '判断这些证书所需的工作量超出了上限（{work}：{limit}）。',
      mend: '请只发送一条路径上的证书；正常的证书链远不会接近这一上限。',
    },
  },
  'certificate-path-too-long': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" allows {limit} intermediate certificates below it, and the path has more.',
      mend: 'Get a certificate from a CA that may issue it, or send another intermediate certificate.',
    },
    zh: {
      cause: '“{subject}”之下最多允许 {limit} 个中间证书，而路径中的数量超出了限制。',
      mend: '请从有权签发的 CA 获取证书，或发送另一个中间证书。',
    },
  },
  'certificate-depth-exceeded': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The path has {depth} intermediate certificates, and {limit} are allowed here.',
      mend: 'Allow a longer path, or use a shorter chain.',
    },
    zh: {
      cause: '证书路径有 {depth} 个中间证书，而这里最多允许 {limit} 个。',
      mend: '请允许更长的路径，或使用更短的证书链。',
    },
  },

  // Each certificate of the path.
  'certificate-malformed': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The certificate "{subject}" is not well-formed: {problem} in {field}, at octet {offset}.',
      mend: 'Have the certificate issued anew by software that encodes it correctly.',
    },
    zh: {
      cause: '证书“{subject}”的编码有误：第 {offset} 字节处的 {field} 存在问题（{problem}）。',
      mend: '请用能正确编码的软件重新签发该证书。',
    },
  },
  'certificate-expired': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate "{subject}" expired on {notAfter}.',
      mend: 'Renew the certificate and let the server load the new one.',
    },
    zh: { cause: '证书“{subject}”已于 {notAfter} 过期。', mend: '请续期该证书，并让服务器加载新证书。' },
  },
  'certificate-not-yet-valid': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate "{subject}" becomes valid on {notBefore}, which is still to come.',
      mend: 'Check the clock of this machine; if it is right, wait, or use a certificate that is already valid.',
    },
    zh: {
      cause: '证书“{subject}”要到 {notBefore} 才生效。',
      mend: '请检查本机时钟；如果时钟正确，请等待，或使用已经生效的证书。',
    },
  },
  'certificate-signature-invalid': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The signature on "{subject}" was not made with the key of "{issuer}".',
      mend: 'Send the intermediate certificate that really issued it; a CA may have several of the same name.',
    },
    zh: {
      cause: '“{subject}”上的签名不是用“{issuer}”的密钥生成的。',
      mend: '请发送真正的签发者证书；一个 CA 可能有多个同名证书。',
    },
  },
  'certificate-signature-weak': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The signature on "{subject}" uses {hash}, which can be forged.',
      mend: 'Have the certificate issued anew with SHA-256 or better.',
    },
    zh: { cause: '“{subject}”上的签名使用了可被伪造的 {hash}。', mend: '请使用 SHA-256 或更强的算法重新签发该证书。' },
  },
  'certificate-signature-unsupported': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The signature on "{subject}" uses the algorithm {algorithm}, which is not accepted here.',
      mend: 'Use a certificate signed with RSA, ECDSA or Ed25519.',
    },
    zh: {
      cause: '“{subject}”上的签名使用了此处不接受的算法 {algorithm}。',
      mend: '请使用以 RSA、ECDSA 或 Ed25519 签名的证书。',
    },
  },
  'certificate-signature-algorithm-mismatch': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" names one signature algorithm inside the signed part and another outside.',
      mend: 'Have the certificate issued anew; this one was altered or made by faulty software.',
    },
    zh: {
      cause: '“{subject}”在签名部分之内和之外写明的签名算法不一致。',
      mend: '请重新签发该证书；它被改动过，或由有缺陷的软件生成。',
    },
  },
  'certificate-key-weak': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The key of "{subject}" is too weak: {key}.',
      mend: 'Make a new key (P-256, or RSA with 2048 bits or more) and have the certificate issued anew.',
    },
    zh: {
      cause: '“{subject}”的密钥强度不足：{key}。',
      mend: '请生成新密钥（P-256，或 2048 位以上的 RSA）并重新签发证书。',
    },
  },
  'certificate-key-unsupported': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The key of "{subject}" is of a kind that is not accepted: {key}.',
      mend: 'Use an RSA key, or an elliptic curve key on a named curve (P-256, P-384, P-521).',
    },
    zh: {
      cause: '“{subject}”的密钥类型不被接受：{key}。',
      mend: '请使用 RSA 密钥，或命名曲线（P-256、P-384、P-521）上的椭圆曲线密钥。',
    },
  },
  'certificate-key-size-uneven': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The RSA modulus of "{subject}" has {bits} bits, which is not a multiple of 8.',
      mend: 'Make a key of 2048, 3072 or 4096 bits and have the certificate issued anew.',
    },
    zh: {
      cause: '“{subject}”的 RSA 模数为 {bits} 位，不是 8 的倍数。',
      mend: '请生成 2048、3072 或 4096 位的密钥并重新签发证书。',
    },
  },
  'certificate-key-not-web': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The key of "{subject}" ({key}) is not among those that public web certificates may have.',
      mend: 'Use P-256, P-384, P-521 or RSA for certificates that browsers see.',
    },
    zh: {
      cause: '“{subject}”的密钥（{key}）不属于公开网站证书允许的类型。',
      mend: '面向浏览器的证书请使用 P-256、P-384、P-521 或 RSA。',
    },
  },
  'certificate-version-old': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The certificate "{subject}" is of version {version}; only version 3 can say what it may be used for.',
      mend: 'Have the certificate issued anew as X.509 version 3.',
    },
    zh: {
      cause: '证书“{subject}”是第 {version} 版；只有第 3 版才能说明证书的用途。',
      mend: '请以 X.509 第 3 版重新签发该证书。',
    },
  },
  'certificate-serial-invalid': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The serial number of "{subject}" is not a positive number of at most 20 octets: {serial}.',
      mend: 'Have the certificate issued anew with a random positive serial number.',
    },
    zh: {
      cause: '“{subject}”的序列号不是最长 20 字节的正数：{serial}。',
      mend: '请以随机的正数序列号重新签发该证书。',
    },
  },
  'certificate-time-encoding': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The validity of "{subject}" is written in the wrong form: UTCTime until 2049, GeneralizedTime from 2050.',
      mend: 'Have the certificate issued anew by software that encodes dates after RFC 5280.',
    },
    zh: {
      cause: '“{subject}”的有效期书写格式有误：2049 年及以前应为 UTCTime，2050 年起应为 GeneralizedTime。',
      mend: '请用按 RFC 5280 编码日期的软件重新签发该证书。',
    },
  },
  'certificate-issuer-empty': {
    fault: 'ca',
    severity: 'error',
    en: { cause: 'The certificate "{subject}" does not name its issuer.', mend: 'Have the certificate issued anew.' },
    zh: { cause: '证书“{subject}”没有写明签发者。', mend: '请重新签发该证书。' },
  },
  'certificate-subject-empty': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'A CA certificate in the path has no name of its own (serial number {serial}).',
      mend: 'Use a CA whose certificate has a subject.',
    },
    zh: { cause: '路径中有一个 CA 证书没有名称（序列号 {serial}）。', mend: '请使用证书带有主体名称的 CA。' },
  },
  'certificate-critical-extension-unknown': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" holds a critical extension that is not understood here: {extension}.',
      mend: 'Use a certificate without it; whoever does not understand a critical extension has to refuse it.',
    },
    zh: {
      cause: '“{subject}”含有此处无法识别的关键扩展：{extension}。',
      mend: '请使用不含该扩展的证书；无法识别关键扩展的一方必须拒绝该证书。',
    },
  },
  'certificate-extension-must-be-critical': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The extension {extension} of "{subject}" has to be marked critical.',
      mend: 'Have the certificate issued anew with the extension marked critical.',
    },
    zh: {
      cause: '“{subject}”的扩展 {extension} 必须标记为关键。',
      mend: '请重新签发证书，并将该扩展标记为关键。',
    },
  },
  'certificate-extension-must-not-be-critical': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The extension {extension} of "{subject}" may not be marked critical.',
      mend: 'Have the certificate issued anew with the extension not marked critical.',
    },
    zh: {
      cause: '“{subject}”的扩展 {extension} 不得标记为关键。',
      mend: '请重新签发证书，不要将该扩展标记为关键。',
    },
  },
  'certificate-authority-key-identifier-missing': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" does not say which key signed it (authorityKeyIdentifier).',
      mend: 'Have the certificate issued anew with that extension.',
    },
    zh: {
      cause: '“{subject}”没有说明由哪个密钥签名（缺少 authorityKeyIdentifier）。',
      mend: '请重新签发带有该扩展的证书。',
    },
  },
  'certificate-authority-key-identifier-wrong': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause:
        'The authorityKeyIdentifier of "{subject}" has to be its key identifier alone, the same as its own for a root.',
      mend: 'Have the certificate issued anew with the key identifier only.',
    },
    zh: {
      cause: '“{subject}”的 authorityKeyIdentifier 只能包含密钥标识符；根证书的该值须与自身的密钥标识符相同。',
      mend: '请重新签发仅含密钥标识符的证书。',
    },
  },
  'certificate-key-identifier-mismatch': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: '"{subject}" names another key identifier than its issuer "{issuer}" has.',
      mend: 'Have the certificate issued anew; some verifiers find no path when the identifiers differ.',
    },
    zh: {
      cause: '“{subject}”写明的密钥标识符与其签发者“{issuer}”的不同。',
      mend: '请重新签发该证书；标识符不一致时，有的验证程序会找不到路径。',
    },
  },
  'certificate-subject-key-identifier-missing': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The CA certificate "{subject}" has no subjectKeyIdentifier.',
      mend: 'Have the CA certificate issued anew with that extension.',
    },
    zh: { cause: 'CA 证书“{subject}”缺少 subjectKeyIdentifier。', mend: '请重新签发带有该扩展的 CA 证书。' },
  },
  'certificate-not-a-ca': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '"{subject}" is not a CA certificate and may not issue others.',
      mend: 'Send the intermediate certificate of the CA that issued the certificate.',
    },
    zh: {
      cause: '“{subject}”不是 CA 证书，无权签发其他证书。',
      mend: '请发送签发该证书的 CA 的中间证书。',
    },
  },
  'certificate-may-not-sign': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The key usage of "{subject}" does not let it sign certificates (keyCertSign).',
      mend: 'Use a CA certificate whose key usage includes keyCertSign.',
    },
    zh: {
      cause: '“{subject}”的密钥用途不允许签发证书（缺少 keyCertSign）。',
      mend: '请使用密钥用途包含 keyCertSign 的 CA 证书。',
    },
  },
  'certificate-key-usage-contradiction': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" is no CA certificate, yet its key usage says that it signs certificates.',
      mend: 'Have the certificate issued anew without keyCertSign.',
    },
    zh: {
      cause: '“{subject}”不是 CA 证书，其密钥用途却声明可以签发证书。',
      mend: '请重新签发不含 keyCertSign 的证书。',
    },
  },
  'certificate-path-length-contradiction': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" limits the length of paths without being allowed to sign certificates.',
      mend: 'Have the certificate issued anew; only a CA certificate may hold a path length.',
    },
    zh: {
      cause: '“{subject}”限制了路径长度，却无权签发证书。',
      mend: '请重新签发该证书；只有 CA 证书可以含有路径长度。',
    },
  },

  // The purpose.
  'certificate-key-usage-wrong': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The key usage of "{subject}" does not allow {usage}.',
      mend: 'Have the certificate issued anew with that key usage.',
    },
    zh: { cause: '“{subject}”的密钥用途不允许 {usage}。', mend: '请重新签发包含该密钥用途的证书。' },
  },
  'certificate-purpose-wrong': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '"{subject}" is not meant for {purpose}; it lists {listed}.',
      mend: 'Use a certificate (and an intermediate) whose extended key usage includes {purpose}.',
    },
    zh: {
      cause: '“{subject}”不用于 {purpose}；它列出的用途为 {listed}。',
      mend: '请使用扩展密钥用途包含 {purpose} 的证书（及中间证书）。',
    },
  },
  'certificate-purpose-missing': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" does not say what it may be used for (extKeyUsage), as web certificates have to.',
      mend: 'Have the certificate issued anew with extKeyUsage serverAuth.',
    },
    zh: {
      cause: '“{subject}”没有写明用途（extKeyUsage），而网站证书必须写明。',
      mend: '请重新签发带有 extKeyUsage serverAuth 的证书。',
    },
  },
  'certificate-purpose-any': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" is meant for any purpose, which web certificates may not be.',
      mend: 'Have the certificate issued anew with extKeyUsage serverAuth only.',
    },
    zh: {
      cause: '“{subject}”声明可用于任何用途，网站证书不得如此。',
      mend: '请重新签发仅含 serverAuth 的证书。',
    },
  },
  'certificate-root-with-purpose': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The root "{subject}" holds extKeyUsage, which web roots may not.',
      mend: 'Use a root without extKeyUsage.',
    },
    zh: {
      cause: '根证书“{subject}”含有 extKeyUsage，而网站根证书不得含有。',
      mend: '请使用不含 extKeyUsage 的根证书。',
    },
  },
  'certificate-leaf-is-ca': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '"{subject}" is a CA certificate and stands where a server certificate belongs.',
      mend: 'Issue a certificate for the server from this CA and use that one.',
    },
    zh: {
      cause: '“{subject}”是 CA 证书，却用在服务器证书的位置。',
      mend: '请用该 CA 为服务器签发一张证书并使用它。',
    },
  },

  // The names.
  'certificate-name-mismatch': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The certificate is not for {name}; it is for {names}.',
      mend: 'Use a name that the certificate covers, or have one issued that covers {name}.',
    },
    zh: {
      cause: '该证书不适用于 {name}；它适用于 {names}。',
      mend: '请使用证书所涵盖的名称，或签发涵盖 {name} 的证书。',
    },
  },
  'certificate-without-san': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The certificate "{subject}" has no subjectAltName; its common name does not count as a host name.',
      mend: 'Have the certificate issued anew with its names as subjectAltName.',
    },
    zh: {
      cause: '证书“{subject}”没有 subjectAltName；通用名称（CN）不作为主机名。',
      mend: '请重新签发证书，将名称写入 subjectAltName。',
    },
  },
  'certificate-name-malformed': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{name}", which "{subject}" is for, is not a well-formed {form}.',
      mend: 'Have the certificate issued anew with well-formed names; Unicode host names as A-labels (xn--…).',
    },
    zh: {
      cause: '“{subject}”中的名称“{name}”不是合法的{form}。',
      mend: '请以合法的名称重新签发证书；含 Unicode 的主机名应写成 A-label（xn--…）。',
    },
  },
  'certificate-name-underscore': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The name "{name}" of "{subject}" holds an underscore, which host names may not.',
      mend: 'Rename the host, and have the certificate issued anew.',
    },
    zh: { cause: '“{subject}”的名称“{name}”含有主机名不允许的下划线。', mend: '请更改主机名并重新签发证书。' },
  },
  'certificate-address-as-name': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" holds the address {name} as a host name, where it counts for nothing.',
      mend: 'Have the certificate issued anew with the address as iPAddress.',
    },
    zh: {
      cause: '“{subject}”把地址 {name} 写成了主机名，这样不起作用。',
      mend: '请重新签发证书，将地址写为 iPAddress。',
    },
  },
  'certificate-wildcard-too-wide': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The wildcard {name} of "{subject}" spans a public suffix, under which anybody can have a name.',
      mend: 'Use wildcards below a domain that is yours alone.',
    },
    zh: {
      cause: '“{subject}”的通配符 {name} 覆盖了任何人都可注册的公共后缀。',
      mend: '请只在完全属于您的域名之下使用通配符。',
    },
  },
  'certificate-wildcard-shared-domain': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The wildcard {name} of "{subject}" spans a domain whose owner lets others have names under it.',
      mend: 'Use wildcards below a domain that is yours alone.',
    },
    zh: {
      cause: '“{subject}”的通配符 {name} 覆盖了由所有者供他人使用的域名。',
      mend: '请只在完全属于您的域名之下使用通配符。',
    },
  },
  'certificate-common-name-not-in-san': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause:
        'The common name "{name}" of "{subject}" is not a character-for-character copy of one of its subjectAltNames.',
      mend: 'Have the certificate issued anew without a common name, or with a copy of a subjectAltName.',
    },
    zh: {
      cause: '“{subject}”的通用名称“{name}”与其 subjectAltName 中的任何一项都不逐字相同。',
      mend: '请重新签发不含通用名称的证书，或让它与某个 subjectAltName 完全相同。',
    },
  },

  // Name constraints and policies.
  'certificate-name-excluded': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" is for {name}, for which "{issuer}" may not issue (excluded: {constraint}).',
      mend: 'Get the certificate from a CA that may issue for this name.',
    },
    zh: {
      cause: '“{subject}”涵盖 {name}，而“{issuer}”不得为其签发（排除：{constraint}）。',
      mend: '请从有权为该名称签发的 CA 获取证书。',
    },
  },
  'certificate-name-not-permitted': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" is for {name}, which is outside of what "{issuer}" may issue for.',
      mend: 'Get the certificate from a CA that may issue for this name.',
    },
    zh: {
      cause: '“{subject}”涵盖 {name}，超出了“{issuer}”可签发的范围。',
      mend: '请从有权为该名称签发的 CA 获取证书。',
    },
  },
  'certificate-name-constraint-unsupported': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{issuer}" limits names of the form {form}, which "{subject}" holds and which cannot be compared here.',
      mend: 'Use a CA without such a constraint, or a certificate without such a name.',
    },
    zh: {
      cause: '“{issuer}”限制了 {form} 形式的名称，而“{subject}”含有这种名称，此处无法比较。',
      mend: '请使用没有此类约束的 CA，或不含此类名称的证书。',
    },
  },
  'certificate-name-constraint-malformed': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The name constraint "{constraint}" of "{subject}" is not well-formed.',
      mend: 'Have the CA certificate issued anew with well-formed constraints.',
    },
    zh: { cause: '“{subject}”的名称约束“{constraint}”不合法。', mend: '请以合法的约束重新签发该 CA 证书。' },
  },
  'certificate-name-constraint-leading-dot': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The DNS name constraint "{constraint}" of "{subject}" begins with a dot, which RFC 5280 does not allow.',
      mend: 'Have the CA certificate issued anew with the domain without the dot.',
    },
    zh: {
      cause: '“{subject}”的 DNS 名称约束“{constraint}”以点开头，RFC 5280 不允许这样写。',
      mend: '请重新签发该 CA 证书，去掉域名前的点。',
    },
  },
  'certificate-name-constraints-in-leaf': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" is no CA certificate, yet it holds name constraints.',
      mend: 'Have the certificate issued anew without name constraints.',
    },
    zh: { cause: '“{subject}”不是 CA 证书，却含有名称约束。', mend: '请重新签发不含名称约束的证书。' },
  },
  'certificate-policy-missing': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The path has to keep to a certificate policy, and no policy holds from its root to "{subject}".',
      mend: 'Use a certificate issued under the policy that is asked for.',
    },
    zh: {
      cause: '该路径必须遵循某个证书策略，而从根到“{subject}”没有一个策略始终有效。',
      mend: '请使用按所要求的策略签发的证书。',
    },
  },
  'certificate-policy-mapping-any': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: '"{subject}" maps to or from the policy anyPolicy, which is not allowed.',
      mend: 'Have the CA certificate issued anew without that mapping.',
    },
    zh: {
      cause: '“{subject}”将策略映射到 anyPolicy 或从其映射，这是不允许的。',
      mend: '请重新签发不含该映射的 CA 证书。',
    },
  },

  // Revocation.
  'certificate-revoked': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: 'The CA revoked "{subject}" on {date} (reason: {reason}), says its {source}.',
      mend: 'Have a new certificate issued, with a new key if the old one may have leaked.',
    },
    zh: {
      cause: '据 {source}，CA 已于 {date} 吊销“{subject}”（原因：{reason}）。',
      mend: '请签发新证书；如果旧密钥可能已泄露，请同时更换密钥。',
    },
  },
  'certificate-revocation-unknown': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'Whether "{subject}" is revoked could not be found out.',
      mend: 'Make sure that the CRL or OCSP address in the certificate can be reached, or do not insist on an answer.',
    },
    zh: {
      cause: '无法得知“{subject}”是否已被吊销。',
      mend: '请确认能够访问证书中的 CRL 或 OCSP 地址，或不强制要求吊销状态。',
    },
  },
  'revocation-malformed': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The {source} for "{subject}" is not well-formed: {problem} in {field}, at octet {offset}.',
      mend: 'Tell the CA; its answer cannot be read.',
    },
    zh: {
      cause: '“{subject}”的 {source} 编码有误：第 {offset} 字节处的 {field} 存在问题（{problem}）。',
      mend: '请告知 CA：其回答无法读取。',
    },
  },
  'revocation-signature-invalid': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The signature on the {source} for "{subject}" is not that of "{signer}".',
      mend: 'Get the answer anew; if this stays, it is forged or the CA signs with the wrong key.',
    },
    zh: {
      cause: '“{subject}”的 {source} 上的签名不属于“{signer}”。',
      mend: '请重新获取；如仍如此，则它是伪造的，或 CA 用错了密钥。',
    },
  },
  'revocation-signer-unauthorized': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The {source} for "{subject}" is signed by "{signer}", whom the CA has not authorized to do so.',
      mend: 'Tell the CA; its signer lacks cRLSign, OCSPSigning, or the CA\u2019s signature.',
    },
    zh: {
      cause: '“{subject}”的 {source} 由“{signer}”签名，而 CA 未授权它这样做。',
      mend: '请告知 CA：签名者缺少 cRLSign、OCSPSigning 或 CA 的签名。',
    },
  },
  'revocation-not-conforming': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The {source} for "{subject}" breaks a rule on its extensions: {extension}.',
      mend: 'Tell the CA; its answer cannot be relied upon.',
    },
    zh: {
      cause: '“{subject}”的 {source} 违反了关于扩展 {extension} 的规定。',
      mend: '请告知 CA：其回答不可依赖。',
    },
  },
  'revocation-stale': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: 'The {source} for "{subject}" is out of date since {nextUpdate}.',
      mend: 'Get a fresh one; if there is none, the CA is late.',
    },
    zh: {
      cause: '“{subject}”的 {source} 自 {nextUpdate} 起已过时。',
      mend: '请获取新的版本；如果没有，则是 CA 更新延误。',
    },
  },
  'revocation-not-yet-valid': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: 'The {source} for "{subject}" is from {thisUpdate}, which is still to come.',
      mend: 'Check the clock of this machine; if it is right, tell the CA.',
    },
    zh: {
      cause: '“{subject}”的 {source} 的日期 {thisUpdate} 尚未到来。',
      mend: '请检查本机时钟；如果时钟正确，请告知 CA。',
    },
  },
  'ocsp-not-for-certificate': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The OCSP answer does not speak about "{subject}".',
      mend: 'Let the server fetch the answer for the certificate that it sends.',
    },
    zh: { cause: 'OCSP 回答与“{subject}”无关。', mend: '请让服务器为其发送的证书获取 OCSP 回答。' },
  },
  'ocsp-nonce-mismatch': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The OCSP answer for "{subject}" does not repeat the nonce of the request; it may be an old one replayed.',
      mend: 'Ask again; if this stays, the responder does not support nonces or something in between answers for it.',
    },
    zh: {
      cause: '“{subject}”的 OCSP 回答没有重复请求中的随机数，可能是重放的旧回答。',
      mend: '请再次查询；如仍如此，则响应方不支持随机数，或有中间方代为回答。',
    },
  },
  'ocsp-refused': {
    fault: 'ca',
    severity: 'warning',
    en: {
      cause: 'The OCSP responder gave no answer about "{subject}": {status}.',
      mend: 'Try later; if this stays, tell the CA.',
    },
    zh: { cause: 'OCSP 响应方没有给出“{subject}”的状态：{status}。', mend: '请稍后再试；如仍如此，请告知 CA。' },
  },
  'ocsp-responder-revoked': {
    fault: 'ca',
    severity: 'error',
    en: {
      cause: 'The OCSP answer for "{subject}" is signed by "{signer}", whose certificate the CA revoked on {date}.',
      mend: 'Ask the CRL instead, and tell the CA: its responder has to sign with a new certificate.',
    },
    zh: {
      cause: '“{subject}”的 OCSP 回答由“{signer}”签名，而 CA 已于 {date} 吊销了它的证书。',
      mend: '请改为查询 CRL，并告知 CA：其响应方必须使用新的证书签名。',
    },
  },
  'ocsp-responder-unchecked': {
    fault: 'network',
    severity: 'warning',
    en: {
      cause:
        'The OCSP answer for "{subject}" is signed by "{signer}", and whether that certificate is revoked itself could not be found out.',
      mend: "Make sure that the CRL named in the responder's certificate can be reached, or give it with --crl.",
    },
    zh: {
      cause: '“{subject}”的 OCSP 回答由“{signer}”签名，但无法得知该签名证书本身是否已被吊销。',
      mend: '请确认能够访问响应方证书中的 CRL 地址，或用 --crl 提供该列表。',
    },
  },
  'certificate-staple-missing': {
    fault: 'upstream',
    severity: 'error',
    en: {
      cause: '"{subject}" promises that the server staples an OCSP answer, and it did not.',
      mend: 'Turn OCSP stapling on, or have the certificate issued anew without the must-staple extension.',
    },
    zh: {
      cause: '“{subject}”承诺服务器会附带 OCSP 回答，但服务器没有附带。',
      mend: '请开启 OCSP 装订，或重新签发不含 must-staple 扩展的证书。',
    },
  },

  // What the server sends, beside what was found.
  'chain-fetched': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The server does not send "{subject}"; it was fetched from {url}. Clients that do not fetch fail.',
      mend: 'Let the server send that certificate after its own.',
    },
    zh: {
      cause: '服务器没有发送“{subject}”，它是从 {url} 获取的。不会自行获取的客户端将失败。',
      mend: '请让服务器在自己的证书之后发送该证书。',
    },
  },
  'chain-out-of-order': {
    fault: 'upstream',
    severity: 'warning',
    en: {
      cause: 'The certificates are not sent in order: "{subject}" does not follow the certificate that it issued.',
      mend: 'Send the leaf first and after each certificate its issuer.',
    },
    zh: {
      cause: '证书的发送顺序有误：“{subject}”没有紧跟在它所签发的证书之后。',
      mend: '请先发送叶证书，每张证书之后发送其签发者。',
    },
  },
  'chain-holds-root': {
    fault: 'upstream',
    severity: 'info',
    en: {
      cause: 'The server sends the root "{subject}", which a client either has or does not trust.',
      mend: 'Leave the root out; every handshake gets smaller.',
    },
    zh: {
      cause: '服务器发送了根证书“{subject}”，而客户端要么已有它，要么不会因此信任它。',
      mend: '请不要发送根证书，这样每次握手都会更小。',
    },
  },
  'chain-holds-unused': {
    fault: 'upstream',
    severity: 'info',
    en: { cause: 'The server sends "{subject}", which no path needs.', mend: 'Leave it out.' },
    zh: { cause: '服务器发送了没有路径需要的“{subject}”。', mend: '请不要发送它。' },
  },
} as const satisfies Catalog;
