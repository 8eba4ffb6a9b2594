internal import CZint

/// The bars of a bar code, on zint.
enum Code128 {
    /// One element a module, true for a bar, without quiet zones.
    /// - Throws: `LabelProblem` `barCodeTooWide` when zint takes no text of this length.
    static func encoded(_ number: String, _ field: LabelField) throws(LabelProblem) -> [Bool] {
        var modules = [UInt8](repeating: 0, count: 2_000)
        var number = number
        let width = number.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { daifa_zint_code128($0.baseAddress, $0.count, &modules, modules.count) }
        }
        // What it is given has been checked: only the length can be wrong.
        guard width > 0 else { throw LabelProblem(.barCodeTooWide, field) }
        return modules[..<Int(width)].map { $0 == 1 }
    }
}
