import Crypto

/// The partners' signatures, each as its public rule says.
enum Signatures {
    /// JOS and Pinduoduo: the secret, each name and value by the names' ASCII order, the secret; MD5 in capital hexadecimal.
    static func sorted(_ parameters: [(name: String, value: String)], secret: String) -> String {
        Hexadecimal.encode(Digest.md5(Array(joined(parameters, secret).utf8)), uppercase: true)
    }

    /// Jackyun: as `sorted`, but the text is put in lower case before its MD5, which is in lower case too. `token`, `contextid` and
    /// `sign` are not signed.
    static func jackyun(_ parameters: [(name: String, value: String)], secret: String) -> String {
        let signed = parameters.filter { !["token", "contextid", "sign"].contains($0.name) }
        return Hexadecimal.encode(Digest.md5(Array(joined(signed, secret).lowercased().utf8)))
    }

    /// JDL: `content` is what is signed; the query's `algorithm` says how. Nil for an algorithm that JDL does not name.
    static func jdl(
        secret: String, accessToken: String, appKey: String, path: String, body: String, timestamp: String, version: String,
        algorithm: String
    ) -> String? {
        let content =
            "\(secret)access_token\(accessToken)app_key\(appKey)method\(path)param_json\(body)timestamp\(timestamp)v\(version)\(secret)"
        switch algorithm {
        case "md5-salt": return Hexadecimal.encode(Digest.md5(Array(content.utf8)))
        case "HMacMD5": return Base64.encode(Digest.hmacMD5(Array(content.utf8), key: Array(secret.utf8)))
        case "HMacSHA1": return Base64.encode(Digest.hmacSHA1(Array(content.utf8), key: Array(secret.utf8)))
        case "HMacSHA256": return Base64.encode(Digest.hmacSHA256(Array(content.utf8), key: Array(secret.utf8)))
        case "HMacSHA512": return Base64.encode(Digest.hmacSHA512(Array(content.utf8), key: Array(secret.utf8)))
        default: return nil
        }
    }

    /// JDL's refresh of a token, in lower-case hexadecimal.
    static func jdlRefresh(secret: String, appKey: String, refreshToken: String, timestamp: String) -> String {
        let content = "\(secret)app_key\(appKey)refresh_token\(refreshToken)timestamp\(timestamp)\(secret)"
        return Hexadecimal.encode(Digest.md5(Array(content.utf8)))
    }

    /// Pinduoduo's message socket: base64 of the hexadecimal MD5 (in lower case) of client id, milliseconds and secret.
    static func messageSocket(clientId: String, milliseconds: String, secret: String) -> String {
        Base64.encode(Array(Hexadecimal.encode(Digest.md5(Array("\(clientId)\(milliseconds)\(secret)".utf8))).utf8))
    }

    /// Of a pushed status: base64 of HMAC-SHA256 of the time and the body. JD's own is not public: this one is ours.
    static func push(timestamp: String, body: [UInt8], secret: String) -> String {
        Base64.encode(Digest.hmacSHA256(Array(timestamp.utf8) + body, key: Array(secret.utf8)))
    }

    private static func joined(_ parameters: [(name: String, value: String)], _ secret: String) -> String {
        let sorted = parameters.filter { $0.name != "sign" }.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
        return secret + sorted.map { $0.name + $0.value }.joined() + secret
    }
}
