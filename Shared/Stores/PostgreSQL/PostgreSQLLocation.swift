import CPostgreSQL

/// Where a service's database is, and how it is spoken to: `postgres://role@host:port/database?sslmode=verify-full…`, as libpq reads it.
public struct PostgreSQLLocation: Sendable, Equatable {
    /// One server that may be the primary.
    struct Host: Sendable, Equatable {
        var name: String
        var port: String
    }

    /// Of libpq, but for hosts and ports; without what follows from the properties below.
    let parameters: [String: String]
    /// Tried in turn; the last that answered comes first.
    let hosts: [Host]
    /// A file with the password alone; read at each connection, so that it may change.
    public var passwordFile: String?
    /// Seconds until a server that does not answer is given up.
    public var connectTimeout = 5
    /// Seconds that one statement may take.
    public var statementTimeout = 10

    private static let schemes = ["postgres://", "postgresql://"]

    /// Whether the text is meant to be such a URL.
    public static func isMeant(by text: String) -> Bool { text.hasPrefix("postgres:") || text.hasPrefix("postgresql:") }

    /// - Throws: `misconfigured`; a password in the text is not repeated.
    public init(url: String) throws(StoreError) {
        guard Self.schemes.contains(where: { url.hasPrefix($0) }) else { throw Self.malformed(nil) }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            let reason = message.map { String(cString: $0) }
            PQfreemem(message)
            throw Self.malformed(Self.mayHoldPassword(url) ? nil : reason)
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        guard parameters["user"]?.isEmpty == false, parameters["dbname"]?.isEmpty == false else {
            throw Self.malformed("it names no role or no database")
        }
        if parameters["hostaddr"] != nil || parameters["service"] != nil || parameters["options"] != nil {
            throw Self.malformed("hostaddr, service and options are not taken")
        }
        let names = Self.list(parameters.removeValue(forKey: "host"))
        let ports = Self.list(parameters.removeValue(forKey: "port"))
        guard ports.count == 1 || ports.count == names.count else {
            throw Self.malformed("\(names.count) hosts, and \(ports.count) ports")
        }
        hosts = names.enumerated().map { Host(name: $1, port: ports[ports.count == 1 ? 0 : $0]) }
        self.parameters = parameters
    }

    /// An empty list has one empty element: libpq's default.
    private static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func mayHoldPassword(_ url: String) -> Bool { url.contains("@") || url.contains("password") }

    private static func malformed(_ reason: String?) -> StoreError {
        StoreError(
            kind: .misconfigured,
            message: "expected postgres://<role>@<host>:<port>/<database>?<parameters of libpq>, its special characters as %XX"
                + (reason.map { ": \($0.trimmed)" } ?? ""))
    }

    /// Whether the URL itself holds the password.
    public var hasPassword: Bool { parameters["password"] != nil }

    /// For people: without password and parameters.
    public var description: String {
        let places = hosts.map { host in
            host.name.isEmpty ? "localhost" : host.port.isEmpty || host.name.hasPrefix("/") ? host.name : "\(host.name):\(host.port)"
        }
        return "postgres://\(parameters["user"] ?? "")@\(places.joined(separator: ","))/\(parameters["dbname"] ?? "")"
    }

    /// Whether traffic leaves this machine without a server whose certificate is verified.
    public var isUnverified: Bool {
        let local = ["", "localhost", "127.0.0.1", "::1"]
        return parameters["sslmode"] != "verify-full" && hosts.contains { !local.contains($0.name) && !$0.name.hasPrefix("/") }
    }
}

extension String {
    /// Without blanks and line ends around it.
    var trimmed: String {
        func isBlank(_ character: Character) -> Bool { character.isWhitespace }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
