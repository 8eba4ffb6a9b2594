import Crypto

/// The token with which a process that speaks for others sends its commands, where services require one: `DAIFA_TOKEN_FILE`.
public struct OwnToken: Sendable {
    private let path: String?

    /// - Parameter path: of a file that holds a JWT and may be replaced at any time; nil: no token is needed.
    public init(path: String?) { self.path = path }

    /// The value of the header `authorization`, read anew each time: tokens expire, and whoever renews one replaces the file.
    /// - Throws: when the file cannot be read.
    public func header() throws(ConfigurationError) -> String? {
        guard let path else { return nil }
        do throws(CryptoError) { return "Bearer \(try KeyMaterial.text(path: path))" } catch {
            throw ConfigurationError("DAIFA_TOKEN_FILE: \(error)")
        }
    }
}
