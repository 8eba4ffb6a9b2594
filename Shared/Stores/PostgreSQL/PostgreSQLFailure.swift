import CPostgreSQL

/// What the server says of something that it did not do.
struct PostgreSQLFailure {
    /// `SQLSTATE`; empty where libpq has none: the session is over.
    let state: String
    let constraint: String
    let text: String

    init(_ result: OpaquePointer) {
        func field(_ code: Character) -> String {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) } ?? ""
        }
        // The fields' codes: postgres_ext.h, PG_DIAG_….
        state = field("C")
        constraint = field("n")
        let primary = field("M")
        let detail = field("D")
        let whole = primary.isEmpty ? String(cString: PQresultErrorMessage(result)) : primary + (detail.isEmpty ? "" : " (\(detail))")
        text = whole.oneLine
    }

    /// Of a session that could not be begun: the server's reason has its `SQLSTATE` in it, since it is asked for verbosely.
    init(connecting message: String) {
        var lines = message.split(separator: "\n").map(String.init)
        lines.removeAll { $0.hasPrefix("LOCATION:") }
        let text = lines.joined(separator: "\n").oneLine
        constraint = ""
        // `FATAL:  28P01: password authentication failed …`: two blanks are before a code alone.
        if let found = text.firstMatch(of: #/:  ([0-9A-Z]{5}): /#) {
            state = String(found.1)
            self.text = text.replacing(":  \(found.1): ", with: ": ")
        } else {
            state = ""
            self.text = text
        }
    }

    /// In our words. The codes: "PostgreSQL Error Codes" of the manual.
    func error(_ place: String, _ doing: String) -> StoreError {
        let (kind, advice) = judgement
        let code = state.isEmpty ? "" : " (\(state))"
        return StoreError(kind: kind, message: "\(place): \(doing): \(text)\(code)\(advice.isEmpty ? "" : ": \(advice)")")
    }

    private var judgement: (StoreError.Kind, String) {
        if constraint == PostgreSQLSchema.fence { return (.fenced, "another replica owns the shard now") }
        switch state {
        case "55P03", "40001", "40P01": return (.busy, "another session holds the shard at this moment; try again")
        case "57014": return (.unavailable, "it took longer than DAIFA_STORE_TIMEOUT allows: look at the server's load and locks")
        case "53100": return (.unavailable, "free some space on the server's disk")
        case "53300": return (.unavailable, "the server has no connection left: raise max_connections, or the role's limit")
        case "25006": return (.unavailable, "the server only reads: it is a standby, or default_transaction_read_only is on")
        case "28P01": return (.misconfigured, "the password is wrong: see DAIFA_STORE_PASSWORD_FILE")
        case "28000": return (.misconfigured, "the role does not exist, may not log in, or pg_hba.conf has no line for it")
        case "3D000": return (.misconfigured, "create the database, owned by the role")
        case "42501": return (.misconfigured, "the role needs to own its database, or to have CREATE in it")
        case "42P01", "42703", "42883", "3F000":
            return (.corrupt, "the service's tables are not as it made them: restore a backup")
        case "": return Self.connecting(text)
        default: break
        }
        switch state.prefix(2) {
        case "08", "53", "57", "58": return (.unavailable, "")
        case "XX": return (.corrupt, "restore a backup; the server's log says more")
        default: return (.corrupt, "restore a backup, or report it: the program and the database do not fit each other")
        }
    }

    /// libpq's own errors have no code.
    private static func connecting(_ text: String) -> (StoreError.Kind, String) {
        let isTLS = [
            "certificate verify failed", "does not match host name", "root certificate file", "SSL was required", "certificate file",
            "private key file", "could not read root certificate",
        ].contains { text.contains($0) }
        if isTLS { return (.misconfigured, "see sslmode, sslrootcert and the server's certificate; its host name must be the URL's") }
        let isWrong = ["no password supplied", "invalid sslmode", "invalid target_session_attrs", "invalid integer value", "weak sslmode"]
        if isWrong.contains(where: { text.contains($0) }) {
            return (.misconfigured, "name the password in DAIFA_STORE_PASSWORD_FILE, and check the URL's parameters")
        }
        return (.unavailable, "")
    }
}

extension String {
    /// Lines as clauses of one.
    var oneLine: String { split(separator: "\n").map { String($0).trimmed }.joined(separator: "; ") }
}
