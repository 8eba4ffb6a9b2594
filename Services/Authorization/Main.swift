@main
struct AuthorizationMain {
    static func main() {}
}
