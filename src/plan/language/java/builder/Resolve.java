import java.util.*;
import javax.annotation.Priority;
import javax.inject.*;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutionException;
import org.apache.maven.lifecycle.internal.LifecycleDependencyResolver;
import org.apache.maven.plugin.*;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;

/** Resolves what each step of a build would load and read, and runs none of them. */
@Named @Singleton @Priority(100)
public class Resolve implements MojosExecutionStrategy {
  @Inject BuildPluginManager plugins;
  @Inject LifecycleDependencyResolver dependencies;
  @Inject RepositorySystem repositories;

  @Override
  public void execute(List<MojoExecution> mojos, MavenSession session, MojoExecutionRunner runner)
      throws LifecycleExecutionException {
    MavenProject project = session.getCurrentProject();
    try {
      List<String> all = List.of("compile", "runtime", "test", "provided", "system");
      dependencies.resolveProjectDependencies(project, all, all, session, false, Set.of());
      for (MojoExecution mojo : mojos) resolve(mojo, project, session);
    } catch (Exception error) {
      throw new LifecycleExecutionException(error);
    }
    // What other modules of the build resolve it to.
    project.getArtifact().setFile(project.getFile());
  }

  /** Resolves what a step and those that it starts first would load. */
  private void resolve(MojoExecution mojo, MavenProject project, MavenSession session) throws Exception {
    plugins.getPluginRealm(session, mojo.getMojoDescriptor().getPluginDescriptor());
    named(mojo.getConfiguration(), project, session);
    for (List<MojoExecution> first : mojo.getForkedExecutions().values()) {
      for (MojoExecution other : first) resolve(other, project, session);
    }
  }

  /** Resolves the artifacts that a plugin's configuration names: by elements, or in one word. */
  private void named(Xpp3Dom at, MavenProject project, MavenSession session) throws Exception {
    if (at == null) return;
    String group = text(at, "groupId"), name = text(at, "artifactId"), version = text(at, "version");
    if (group != null && name != null && version != null) {
      bring(project, session, group, name, version, text(at, "type"), text(at, "classifier"));
    } else if (at.getValue() != null && at.getValue().matches("[\\w.-]+(:[\\w.-]+){2,4}")) {
      String[] parts = Arrays.copyOf(at.getValue().split(":"), 5);
      try {
        bring(project, session, parts[0], parts[1], parts[2], parts[3], parts[4]);
      } catch (DependencyResolutionException error) {
        // The word means something else; or the build will say that it lacks the artifact.
      }
    }
    for (Xpp3Dom child : at.getChildren()) named(child, project, session);
  }

  private void bring(MavenProject project, MavenSession session, String group, String name, String version, String type,
      String classifier) throws DependencyResolutionException {
    DefaultArtifact artifact = new DefaultArtifact(group, name, classifier, type == null ? "jar" : type, version);
    CollectRequest wanted = new CollectRequest().addDependency(new Dependency(artifact, "runtime"));
    wanted.setRepositories(project.getRemoteProjectRepositories());
    repositories.resolveDependencies(session.getRepositorySession(), new DependencyRequest(wanted, null));
  }

  private static String text(Xpp3Dom at, String name) {
    Xpp3Dom child = at.getChild(name);
    return child == null ? null : child.getValue();
  }
}
