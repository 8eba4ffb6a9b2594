import Partners
import Runtime

extension SettingKind<CallRates> {
    static var rates: SettingKind {
        SettingKind(text: { _ in "as published" }) { (text) throws(SettingFault) in
            do throws(CallRates.Failure) { return try CallRates(text) } catch {
                throw SettingFault(
                    "expected <operation>=<calls a second>, or …/shop, by commas, * for all others, not \"\(error.part)\"")
            }
        }
    }
}

extension SettingKind<Set<String>> {
    /// Codes are numbers, words like `ISV_TRACK_ERROR`, or both (`50001/ISV_TRACK_ERROR`).
    static var codes: SettingKind {
        SettingKind(text: { $0.isEmpty ? "none" : $0.sorted().joined(separator: ",") }) { (text) throws(SettingFault) in
            let parts = text.split { $0 == "," || $0.isWhitespace }
            for part in parts where !part.utf8.allSatisfy({ codeBytes.contains($0) }) {
                throw SettingFault("expected codes of letters, digits, '_', '-', '.' and '/', by commas, not \"\(part)\"")
            }
            return Set(parts.map(String.init))
        }
    }

    private static let codeBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./".utf8)
}

extension SettingKind<[String]> {
    static var words: SettingKind {
        SettingKind(text: { $0.isEmpty ? "none" : $0.joined(separator: ",") }) { (text) throws(SettingFault) in
            text.split { $0 == "," || $0.isWhitespace }.map(String.init)
        }
    }
}

extension SettingKind<[Double]> {
    /// A partner that is not asked at all, or for ever, is a mistake.
    private static let counts = 1...10
    private static let range = 0.0...600.0

    static var pauses: SettingKind {
        SettingKind(text: { $0.map { pause in Int(exactly: pause).map { "\($0)" } ?? "\(pause)" }.joined(separator: ",") }) {
            (text) throws(SettingFault) in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.filter { $0 != " " }) }
            func wrong(_ part: String) -> SettingFault {
                SettingFault("expected 1 to 10 numbers of seconds up to 600, by commas (1,3,9), not \"\(part)\"")
            }
            guard counts.contains(parts.count) else { throw wrong(text) }
            var pauses: [Double] = []
            for part in parts {
                guard let seconds = Double(part), range.contains(seconds) else { throw wrong(part) }
                pauses.append(seconds)
            }
            return pauses
        }
    }
}
