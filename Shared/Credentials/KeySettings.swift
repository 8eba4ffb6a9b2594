public import Contracts
public import Runtime

/// Where a process's key files are.
public struct KeySettings: SettingGroup {
    /// Private keys of what is sealed for the process; nil: the default name in the store's folder.
    var sealFile: String?
    /// Keys of what the process encrypts at rest; nil: the default name in the store's folder.
    var masterFile: String?

    public init(defaultsOf service: ServiceName) {}

    public static let table: [Setting<KeySettings>] = [
        Setting(
            "DAIFA_SEAL_KEY_FILE", optional: \.sealFile, .secretFile, of: Set(ServiceName.allCases.filter { !$0.keyPurposes.isEmpty }),
            standard: "seal.key in the store folder, made with it", "private keys of what is sealed for it"),
        Setting(
            "DAIFA_MASTER_KEY_FILE", optional: \.masterFile, .secretFile, standard: "master.key in the store folder, made with it",
            "keys of what is encrypted at rest"),
    ]
}
