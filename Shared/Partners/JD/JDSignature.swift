import Crypto

/// Signs calls of the JOS gateway: `UPPER(MD5(secret + Σ sorted(key + value) + secret))`, `360buy_param_json` included
/// (github.com/lostinfo/jos-open-api, `JdClient.php`).
public enum JOSSignature {
    /// - Parameter parameters: all that is sent, `sign` excepted; the order does not matter.
    public static func make(_ parameters: [(name: String, value: String)], secret: String) -> String {
        let sorted = parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let content = secret + sorted.map { $0.name + $0.value }.joined() + secret
        return Hexadecimal.encode(Digest.md5(Array(content.utf8)), uppercase: true)
    }
}

/// Signs calls of JDL's platform (LOP), and the refresh of its tokens.
public enum ISCSignature {
    /// How a call is signed; the name goes into the query's `algorithm`.
    public enum Algorithm: String, Sendable, CaseIterable {
        case md5Salt = "md5-salt"
        case hmacMD5 = "HMacMD5"
        case hmacSHA1 = "HMacSHA1"
        case hmacSHA256 = "HMacSHA256"
        case hmacSHA512 = "HMacSHA512"
    }

    /// The parameters in the platform's fixed order between two secrets; MD5 in lower-case hexadecimal, the HMACs in base 64.
    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - body: the bytes that are sent, and no others.
    ///   - timestamp: "yyyy-MM-dd HH:mm:ss", in the time zone of the header `lop-tz`.
    public static func make(
        _ algorithm: Algorithm = .md5Salt, path: String, body: [UInt8], timestamp: String, credential: JDCredential
    ) -> String {
        let secret = Array(credential.appSecret.utf8)
        var content = secret
        content += "access_token\(credential.accessToken)app_key\(credential.appKey)method\(path)param_json".utf8
        content += body
        content += "timestamp\(timestamp)v2.0".utf8
        content += secret
        return switch algorithm {
        case .md5Salt: Hexadecimal.encode(Digest.md5(content))
        case .hmacMD5: Base64.encode(Digest.hmacMD5(content, key: secret))
        case .hmacSHA1: Base64.encode(Digest.hmacSHA1(content, key: secret))
        case .hmacSHA256: Base64.encode(Digest.hmacSHA256(content, key: secret))
        case .hmacSHA512: Base64.encode(Digest.hmacSHA512(content, key: secret))
        }
    }

    /// Whether a signature is the one expected; hexadecimal ones were seen in upper and in lower case.
    public static func matches(_ signature: String, _ expected: String, _ algorithm: Algorithm) -> Bool {
        let fold = algorithm == .md5Salt
        return Digest.areEqual(
            Array((fold ? signature.lowercased() : signature).utf8), Array((fold ? expected.lowercased() : expected).utf8))
    }

    /// Of a refresh, as the public Python client of JD Logistics makes it: MD5 in lower-case hexadecimal.
    static func refresh(token: String, appKey: String, appSecret: String, timestamp: String) -> String {
        let content = "\(appSecret)app_key\(appKey)refresh_token\(token)timestamp\(timestamp)\(appSecret)"
        return Hexadecimal.encode(Digest.md5(Array(content.utf8)))
    }
}

/// Signs what JD pushes to us: `base64(HMAC-SHA256(app secret, timestamp + body))` (names and form are ours: JD's own are not public).
public enum JDPushSignature {
    /// - Parameter timestamp: the header's text, milliseconds since 1970.
    public static func make(timestamp: String, body: [UInt8], secret: String) -> String {
        Base64.encode(Digest.hmacSHA256(Array(timestamp.utf8) + body, key: Array(secret.utf8)))
    }

    /// Takes the same time whatever is wrong.
    public static func verify(_ signature: String, timestamp: String, body: [UInt8], secret: String) -> Bool {
        Digest.areEqual(Array(signature.utf8), Array(make(timestamp: timestamp, body: body, secret: secret).utf8))
    }
}
