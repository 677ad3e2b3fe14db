import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { Image: image } = synthesize().templates;

describe('the repository of images', () => {
  test('keeps a tag on the image that was tested, and scans each', () => {
    const { ImageTagMutability, ImageScanningConfiguration } = resourceOf(
      image,
      'AWS::ECR::Repository',
    ).Properties;
    assert.equal(ImageTagMutability, 'IMMUTABLE');
    assert.deepEqual(ImageScanningConfiguration, { ScanOnPush: true });
  });

  test('signs every image that is pushed, for notation, with a key that no one holds', () => {
    const profile = resourceOf(image, 'AWS::Signer::SigningProfile');
    assert.equal(profile.Properties.PlatformId, 'Notation-OCI-SHA384-ECDSA');
    assert.equal(profile.DeletionPolicy, 'Retain', 'without it, earlier images could not be verified');
    const { Rules } = resourceOf(image, 'AWS::ECR::SigningConfiguration').Properties;
    assert.deepEqual(Rules[0].SigningProfileArn, { 'Fn::GetAtt': [profile.id, 'Arn'] });
    const repository = resourceOf(image, 'AWS::ECR::Repository');
    assert.deepEqual(Rules[0].RepositoryFilters, [
      { Filter: { Ref: repository.id }, FilterType: 'WILDCARD_MATCH' },
    ]);
    assert.ok(image.Outputs.SigningProfileArn);
  });

  test('leaves signing to others where the registry has rules already', () => {
    const { templates } = synthesize({
      signImages: false,
      boundary: false,
      pipeline: undefined,
      breakGlass: undefined,
    });
    assert.deepEqual(resourcesOf(templates.Image, 'AWS::ECR::SigningConfiguration'), []);
  });
});
