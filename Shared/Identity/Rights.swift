/// What a role may do (contract, section 10). An owner, and a token, may do everything.
public enum Rights {
    /// Whether this role may send the command `<service>/<command>`, `binding/invite-factory` for example.
    public static func maySend(_ role: Role, service: String, command: String) -> Bool {
        switch (role, service) {
        case (.owner, _): true
        case (.clerk, "binding"): false
        case (.clerk, "authorization"): command == "list-providers"
        case (.clerk, _): true
        }
    }

    /// Whether this role may list, invite, reset and remove users.
    public static func mayManageUsers(_ role: Role) -> Bool { role == .owner }
}
