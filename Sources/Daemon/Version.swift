/// The version that `--version`, the User-Agent and the journal tell.
package let version = "0.1.0"
