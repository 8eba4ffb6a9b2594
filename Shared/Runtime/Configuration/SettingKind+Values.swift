import Contracts
import HTTP
import Machines
import Stores

extension SettingKind<Configuration.StoreLocation> {
    static var store: SettingKind {
        SettingKind(
            text: { location in
                switch location {
                case .sqlite(let folder): "sqlite:\(folder)"
                case .postgres(let location): location.description
                }
            },
            read: { (text) throws(SettingFault) in
                if text.hasPrefix("sqlite:"), text.utf8.count > 7 { return .sqlite(folder: String(text.dropFirst(7))) }
                // The text may have a password in it.
                guard PostgreSQLLocation.isMeant(by: text) else {
                    throw SettingFault("expected sqlite:<folder> or postgres://<role>@<host>/<database>")
                }
                do throws(StoreError) { return .postgres(try PostgreSQLLocation(url: text)) } catch { throw SettingFault(error.message) }
            })
    }
}

extension SettingKind<NetworkList> {
    static var networks: SettingKind {
        SettingKind(text: { _ in "none" }) { (text) throws(SettingFault) in
            do throws(NetworkList.Failure) { return try NetworkList(text) } catch {
                throw SettingFault("expected addresses and networks by commas (10.0.0.0/8, 2001:db8::1), not \"\(error.part)\"")
            }
        }
    }
}

extension SettingKind<String> {
    /// A name that Kafka takes as part of a group instance id and a transactional id.
    static var instance: SettingKind {
        SettingKind(text: { $0 }) { (text) throws(SettingFault) in
            guard text.utf8.count <= 200, text.utf8.allSatisfy({ nameBytes.contains($0) }) else {
                throw SettingFault("use letters, digits, '.', '_' and '-' only, at most 200")
            }
            return text
        }
    }

    private static let nameBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.".utf8)

    /// The address of pages that people are sent to. A slash at the end is dropped.
    static var publicURL: SettingKind {
        SettingKind("https://… or http://… without a query", text: { $0 }) { text in
            guard text.hasPrefix("http://") || text.hasPrefix("https://"), !text.contains("?"), !text.contains("#") else { return nil }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
    }

    /// An address that is called: TLS, or plain on loopback only (the sandbox). A slash at the end is dropped.
    /// - Parameter socket: of a WebSocket.
    public static func calledURL(socket: Bool = false) -> SettingKind {
        SettingKind(text: { $0 }) { (url) throws(SettingFault) in
            let (secure, plain) = socket ? ("wss", "ws") : ("https", "http")
            do throws(HTTPClientError) { try CallableURL.check(url, secure: secure, plain: plain) } catch {
                throw SettingFault(error.message)
            }
            guard !url.contains("?"), !url.contains("#") else { throw SettingFault("expected \(secure)://… without a query or fragment") }
            return url.hasSuffix("/") ? String(url.dropLast()) : url
        }
    }
}
