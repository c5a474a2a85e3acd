import java.nio.file.*;
import java.util.*;
import javax.inject.*;
import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.project.MavenProject;

/** Writes what a build made: the application's archives, a line `--`, and its libraries in their order. */
@Named @Singleton
public class Report extends AbstractMavenLifecycleParticipant {
  @Override
  public void afterSessionEnd(MavenSession session) {
    if (session.getResult().hasExceptions()) return;
    Path directory = Path.of(System.getenv("COFFERDAM_APPLICATION"));
    for (MavenProject project : session.getProjects()) {
      if (!project.getBasedir().toPath().equals(directory)) continue;
      List<String> lines = new ArrayList<>();
      project.getAttachedArtifacts().forEach(artifact -> add(lines, artifact));
      add(lines, project.getArtifact());
      lines.add("--");
      project.setArtifactFilter(artifact -> Set.of("compile", "runtime").contains(artifact.getScope()));
      project.getArtifacts().forEach(artifact -> add(lines, artifact));
      try {
        Files.write(Path.of(System.getenv("COFFERDAM_REPORT")), lines);
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }

  private static void add(List<String> lines, Artifact artifact) {
    if (artifact.getFile() != null) lines.add(artifact.getFile().toString());
  }
}
