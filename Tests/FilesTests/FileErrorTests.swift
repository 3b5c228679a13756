import Glibc
import Testing

@testable import Files

struct FileErrorTests {
  private static let path = "/etc/prometheus/file_sd/sd.yml"

  @Test(
    arguments: [
      (
        .openDirectory, ENOENT,
        "cannot open the directory of '\(path)': No such file or directory;"
          + " create the directory '/etc/prometheus/file_sd'"
      ),
      (
        .openDirectory, ENOTDIR,
        "cannot open the directory of '\(path)': Not a directory;"
          + " '/etc/prometheus/file_sd' is not a directory; name a file in one"
      ),
      (
        .openDirectory, EACCES,
        "cannot open the directory of '\(path)': Permission denied;"
          + " let the user of the daemon read, write and search the directory '/etc/prometheus/file_sd'"
      ),
      (
        .checkDirectory, EROFS,
        "cannot write in the directory of '\(path)': Read-only file system;"
          + " under systemd, add 'ReadWritePaths=/etc/prometheus/file_sd' to the unit"
      ),
      (.inspect, EISDIR, "cannot look at '\(path)': Is a directory; name a file, not a directory"),
      (.open, EACCES, "cannot open '\(path)': Permission denied; let the user of the daemon read the file"),
      (
        .create, EACCES,
        "cannot create the new file for '\(path)': Permission denied;"
          + " let the user of the daemon read, write and search the directory '/etc/prometheus/file_sd'"
      ),
      (
        .create, EMFILE,
        "cannot create the new file for '\(path)': Too many open files;"
          + " raise the number of open files, under systemd 'LimitNOFILE='"
      ),
      (
        .create, ENAMETOOLONG,
        "cannot create the new file for '\(path)': File name too long;"
          + " give the file a name of at most 243 bytes"
      ),
      (
        .write, ENOSPC,
        "cannot write the new file for '\(path)': No space left on device;"
          + " make room on the file system of '/etc/prometheus/file_sd'"
      ),
      (
        .write, EFBIG,
        "cannot write the new file for '\(path)': File too large;"
          + " raise the largest file size, under systemd 'LimitFSIZE='"
      ),
      (.changeMode, ENOTSUP, "cannot set the mode of the new file for '\(path)': Operation not supported"),
      (.sync, EIO, "cannot bring to disk the new file for '\(path)': Input/output error; look after the disk"),
      (.close, EIO, "cannot close the new file for '\(path)': Input/output error; look after the disk"),
      (
        .rename, EBUSY,
        "cannot replace '\(path)': Device or resource busy; the file is a mount point of its own, as in a"
          + " container; mount its directory '/etc/prometheus/file_sd' instead"
      ),
      (
        .follow, ELOOP,
        "cannot look up '\(path)': Too many levels of symbolic links;"
          + " its symbolic links lead in a circle"
      ),
      (
        .syncDirectory, EIO,
        "cannot bring to disk the directory of '\(path)': Input/output error; look after the disk"
      ),
    ] as [(FileError.Step, Int32, String)])
  func saysWhatFailedAndWhatToDo(step: FileError.Step, errno: Int32, sentence: String) {
    #expect(FileError.failed(step, path: Self.path, errno: errno).description == sentence)
  }

  @Test
  func saysWhatIsNotReplaced() {
    #expect(
      FileError.notAFile(path: "/dev/null").description
        == "'/dev/null' is not a regular file, so it is not replaced; name another file")
    #expect(
      FileError.tooLarge(path: Self.path, size: 67_108_865, limit: 67_108_864).description
        == "'\(Self.path)' has 67108865 bytes, more than the 67108864 that are read, so it is not replaced;"
        + " move the file away")
    #expect(
      FileError.tooMuch(path: Self.path, limit: 67_108_864).description
        == "what is to be written to '\(Self.path)' has more than the 67108864 bytes that are read again, so it is not"
        + " replaced; list fewer targets")
    #expect(
      FileError.linkOfAnother(path: "/tmp/sd.yml", owner: 1000).description
        == "'/tmp/sd.yml' leads through a symbolic link of user 1000 in a directory that others may write to, so it is"
        + " not followed; make the link as the owner of the directory, or name a file elsewhere")
  }

  @Test
  func hasAPhraseForEachStep() {
    let sentences = FileError.Step.allCases.map {
      FileError.failed($0, path: Self.path, errno: EIO).description
    }
    #expect(Set(sentences).count == FileError.Step.allCases.count)
  }
}
